// Whether a client has a response already, by its If-None-Match.
//   if (has_etag(request.if_none_match, response.etag)) return not_modified(std::move(response));
#pragma once

#include <string_view>

#include "exporters/http/message.h"

namespace vitalsd::http {

/// Whether the field is `*` or lists `etag`, compared weakly (RFC 9110 sections 8.8.3 and 13.1.2). What follows a tag
/// that is malformed is ignored.
bool has_etag(std::string_view if_none_match, std::string_view etag) noexcept;

/// The response that says so: 304, without the body.
Response not_modified(Response response);

}  // namespace vitalsd::http
