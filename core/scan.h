// A cursor over kernel text that latches its first failure, so that a parser reads like the format it parses:
//   Scan scan(text, "loadavg"); load.one = scan.number(); load.five = scan.number(); if (!scan.ok()) return
//   fail(scan.error());
#pragma once

#include <charconv>
#include <concepts>
#include <string_view>

#include "core/result.h"

namespace vitalsd {

class Scan {
 public:
  /// `format` names the parsed text in errors and has static storage.
  constexpr Scan(std::string_view text, std::string_view format) noexcept : rest_(text), format_(format) {}

  bool ok() const noexcept { return ok_; }
  Error error() const noexcept { return {Errc::malformed, 0, format_}; }
  bool at_end() const noexcept { return rest_.empty(); }
  std::string_view rest() const noexcept { return rest_; }
  void set_failed() noexcept { ok_ = false; }

  /// Skips spaces and tabs, never a newline.
  Scan& skip_blanks() noexcept;
  /// Takes the next run of characters that are neither blank nor newline. Fails if there is none.
  std::string_view word() noexcept;
  /// As word(), but returns an empty view at the end of the line, without a failure.
  std::string_view optional_word() noexcept;
  /// Takes everything up to `stop`, and consumes `stop`. Fails if there is none.
  std::string_view until(char stop) noexcept;
  /// Takes the rest of the line and consumes its newline, which is not returned. Empty at the end of the text.
  std::string_view line() noexcept;
  /// Skips blanks and consumes `text`. Fails if it is not next.
  Scan& expect(std::string_view text) noexcept;
  /// Skips blanks and consumes `text` if it is next. Returns whether it was.
  bool accept(std::string_view text) noexcept;

  /// Takes a whole word as a number. Fails on overflow, on anything after the digits, and at the end of the line.
  template <std::integral Int = std::uint64_t>
  Int integer(int base = 10) noexcept {
    Int value{};
    const std::string_view text = word();
    convert(text, std::from_chars(text.data(), text.data() + text.size(), value, base));
    return ok_ ? value : Int{};
  }
  double number() noexcept {
    double value{};
    const std::string_view text = word();
    convert(text, std::from_chars(text.data(), text.data() + text.size(), value));
    return ok_ ? value : 0;
  }

 private:
  void convert(std::string_view text, std::from_chars_result result) noexcept {
    if (result.ec != std::errc{} || result.ptr != text.data() + text.size()) ok_ = false;
  }

  std::string_view rest_;
  std::string_view format_;
  bool ok_ = true;
};

/// The whole of `text` as a number, or malformed.
template <class Number>
Result<Number> parse_number(std::string_view text, std::string_view format) noexcept {
  Number value{};
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (ec != std::errc{} || end != text.data() + text.size()) return fail(Errc::malformed, format);
  return value;
}

}  // namespace vitalsd
