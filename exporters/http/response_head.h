// Writes the head of a response.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "exporters/http/message.h"

namespace vitalsd::http {

enum class After : unsigned char {
  close,       ///< Connection: close
  keep,        ///< HTTP/1.1's default: no Connection field
  keep_alive,  ///< Connection: keep-alive, for an HTTP/1.0 client that asked for it
};

/// Appends the status line, the fields and the empty line. `more` is further fields, each with its "\r\n".
void append_head(std::string& out, const Response& response, After after, std::string_view more = {});

}  // namespace vitalsd::http
