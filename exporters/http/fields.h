// The small words that fields of HTTP are made of.
#pragma once

#include <optional>
#include <string_view>

namespace vitalsd::http {

/// Without the blanks and tabs around it.
std::string_view trim(std::string_view text) noexcept;
/// Whether they are equal, whatever the case of `text`.
bool same(std::string_view text, std::string_view lower) noexcept;
/// A quality in thousandths: "0", "0.5", "1.000"; at most three decimals and at most 1.
std::optional<int> quality(std::string_view text) noexcept;
/// What comes before the first `mark`, which is taken off too; all where there is none.
std::string_view take_until(std::string_view& text, char mark) noexcept;

}  // namespace vitalsd::http
