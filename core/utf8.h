// Copies text from the system into output that must be UTF-8. Each invalid byte becomes U+FFFD, as in Go.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace vitalsd {

/// The length of the valid UTF-8 sequence at the start of `text` (RFC 3629), or 0 if there is none.
std::size_t utf8_length(std::string_view text) noexcept;

/// Where the first byte is that is no text: a NUL, or no part of a valid sequence; npos: there is none.
std::size_t find_no_text(std::string_view text) noexcept;

/// Appends `text`. Passes each ASCII character to `put(out, c)`, which escapes it.
template <class Put>
void append_valid_utf8(std::string& out, std::string_view text, Put put) {
  while (!text.empty()) {
    const auto byte = static_cast<unsigned char>(text.front());
    std::size_t length = 1;
    if (byte < 0x80) {
      put(out, text.front());
    } else if (length = utf8_length(text); length == 0) {
      out += "\xEF\xBF\xBD";
      length = 1;
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
}

}  // namespace vitalsd
