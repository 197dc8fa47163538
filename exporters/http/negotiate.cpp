#include "exporters/http/negotiate.h"

#include <algorithm>
#include <optional>

#include "exporters/http/fields.h"

namespace vitalsd::http {
namespace {

/// The weight in an item's parameters: 500 for ";q=0.5", 1000 without a q.
std::optional<int> weight(std::string_view parameters) noexcept {
  parameters = trim(parameters);
  if (parameters.empty()) return 1000;
  const auto equals = parameters.find('=');
  if (equals == parameters.npos || !same(parameters.substr(0, equals), "q")) return std::nullopt;
  return quality(parameters.substr(equals + 1));
}

}  // namespace

bool accepts_gzip(std::string_view list) noexcept {
  std::optional<int> gzip, any;
  int identity = 0;
  while (!list.empty()) {
    const std::string_view item = take_until(list, ',');
    const auto semicolon = std::min(item.find(';'), item.size());
    const std::string_view coding = trim(item.substr(0, semicolon));
    const auto value = weight(item.substr(std::min(semicolon + 1, item.size())));
    if (!value) continue;
    if (same(coding, "gzip") || same(coding, "x-gzip")) gzip = std::max(gzip.value_or(0), *value);
    if (same(coding, "identity")) identity = *value;
    if (coding == "*") any = value;
  }
  const int allowed = gzip ? *gzip : any.value_or(0);
  return allowed > 0 && allowed >= identity;
}

}  // namespace vitalsd::http
