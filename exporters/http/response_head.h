// Writes the head of an answer.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "exporters/http/message.h"

namespace vitalsd::http {

enum class After : unsigned char {
  close,       ///< Connection: close
  keep,        ///< HTTP/1.1's default: nothing is said
  keep_alive,  ///< to an HTTP/1.0 client that asked: Connection: keep-alive
};

/// Appends the status line and the fields, with the empty line after them. `more` are further fields, each with its
/// end.
void append_head(std::string& out, const Response& response, After after, std::string_view more = {});

}  // namespace vitalsd::http
