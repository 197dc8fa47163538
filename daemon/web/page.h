// GET / and /page/HASH/NAME: the status page, for the person who has just opened the address. All of it is in the
// binary, and it asks nobody but the daemon that sent it.
#pragma once

#include "exporters/http/message.h"

namespace vitalsd {

/// The path below which the page's scripts and styles are: they may be kept for ever, since another build has another
/// path.
inline constexpr std::string_view kPageFiles = "/page/";

/// Nothing is loaded from elsewhere, no script is in the HTML, and no other page may embed this one.
inline constexpr std::string_view kPagePolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'";

/// The HTML, which a client asks for each time anew: 304 if it has it already.
http::Response answer_page(const http::Request& request);
/// A file of it; 404 if this build has none of that path.
http::Response answer_page_file(const http::Request& request);

}  // namespace vitalsd
