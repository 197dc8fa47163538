// Whole numbers in names and labels: a number as text, and the number within a name such as "cpu12".
//   sink.add(kFamily, {Digits(cpu)}, 1);   number_behind("cpu", "cpu12")  ->  "12"
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <limits>
#include <string_view>

namespace vitalsd {

/// A number as decimal text. The view is valid as long as this object.
template <std::integral Int>
class Digits {
 public:
  explicit Digits(Int number) : end_(std::to_chars(text_.data(), text_.data() + text_.size(), number).ptr) {}
  operator std::string_view() const { return {text_.data(), static_cast<std::size_t>(end_ - text_.data())}; }

 private:
  std::array<char, std::numeric_limits<Int>::digits10 + 2> text_{};  // digits10 + 1 digits and a sign
  const char* end_;
};

/// Whether `text` consists of digits and is not empty.
constexpr bool is_digits(std::string_view text) noexcept {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// The part of `name` after `prefix`, if it consists of digits; empty for any other name.
constexpr std::string_view number_behind(std::string_view prefix, std::string_view name) noexcept {
  if (!name.starts_with(prefix)) return {};
  name.remove_prefix(prefix.size());
  return is_digits(name) ? name : std::string_view();
}

}  // namespace vitalsd
