// What a client's Accept-Encoding allows.
#pragma once

#include <string_view>

namespace vitalsd::http {

/// True when gzip may be sent and identity is not asked for more: RFC 9110 section 12.5.3, q-values and `*` included.
/// Items that are malformed count for nothing; an empty field means no gzip.
bool accepts_gzip(std::string_view accept_encoding) noexcept;

}  // namespace vitalsd::http
