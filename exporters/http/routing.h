// Which route a request is for: pure functions of the table of routes.
//   const Route* route = route_of(routes, "/metrics"); if (route && allows(route->methods, "GET")) ...
#pragma once

#include <string_view>

#include "exporters/http/server.h"

namespace vitalsd::http {

/// The route of exactly this path, else the first whose prefix it begins with, else null.
const Route* route_of(const Routes& routes, std::string_view path);

/// Whether `method` is one of `methods`, which is the text of an Allow field: "GET, HEAD".
bool allows(std::string_view methods, std::string_view method);

}  // namespace vitalsd::http
