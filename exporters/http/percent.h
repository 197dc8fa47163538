// Percent-encoding of URLs (RFC 3986): in paths as it is, in queries with '+' for a space (HTML's forms).
//   if (!append_percent_decoded(out, "a%20b", Plus::is_itself)) refuse();
#pragma once

#include <string>
#include <string_view>

namespace vitalsd::http {

/// The value of a hexadecimal digit, or -1.
constexpr int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

enum class Plus : bool { is_itself, is_space };

/// Appends the decoded text. False when a '%' is not followed by two hexadecimal digits.
bool append_percent_decoded(std::string& out, std::string_view text, Plus plus);

}  // namespace vitalsd::http
