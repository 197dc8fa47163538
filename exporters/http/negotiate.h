// Decides whether a response may be compressed, by the client's Accept-Encoding.
#pragma once

#include <string_view>

namespace vitalsd::http {

/// True when gzip is acceptable and identity is not preferred (RFC 9110 section 12.5.3, with q-values and `*`).
/// Malformed items are ignored; an empty field means no gzip.
bool accepts_gzip(std::string_view accept_encoding) noexcept;

}  // namespace vitalsd::http
