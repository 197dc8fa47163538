#include "exporters/http/routing.h"

#include <algorithm>

namespace vitalsd::http {

const Route* route_of(const Routes& routes, std::string_view path) {
  const auto whole = std::ranges::find_if(routes, [&](const Route& r) { return !r.prefix && r.path == path; });
  if (whole != routes.end()) return &*whole;
  const auto begins =
      std::ranges::find_if(routes, [&](const Route& r) { return r.prefix && path.starts_with(r.path); });
  return begins == routes.end() ? nullptr : &*begins;
}

bool allows(std::string_view methods, std::string_view method) {
  while (!methods.empty()) {
    const auto comma = methods.find(',');
    if (methods.substr(0, comma) == method) return true;
    if (comma == methods.npos) return false;
    methods.remove_prefix(comma + 1);
    while (methods.starts_with(' ')) methods.remove_prefix(1);
  }
  return false;
}

}  // namespace vitalsd::http
