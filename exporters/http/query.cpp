#include "exporters/http/query.h"

#include <algorithm>

#include "exporters/http/percent.h"

namespace vitalsd::http {
bool Query::has(std::string_view name) const noexcept {
  return std::ranges::any_of(parameters_, [name](const auto& p) { return p.first == name; });
}

std::vector<std::string_view> Query::all(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const auto& [key, value] : parameters_) {
    if (key == name) values.emplace_back(value);
  }
  return values;
}

std::expected<Query, std::string_view> parse_query(std::string_view text) {
  if (text.size() > Query::kMostBytes) return std::unexpected("the query is too long");
  Query query;
  while (!text.empty()) {
    const auto end = std::min(text.find('&'), text.size());
    const std::string_view pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (pair.empty()) continue;
    if (query.parameters_.size() == Query::kMostParameters) return std::unexpected("the query has too many parameters");
    const auto equals = std::min(pair.find('='), pair.size());
    std::string name, value;
    if (!append_percent_decoded(name, pair.substr(0, equals), Plus::is_space) ||
        !append_percent_decoded(value, pair.substr(std::min(equals + 1, pair.size())), Plus::is_space)) {
      return std::unexpected("the query has a % that two hexadecimal digits do not follow");
    }
    query.parameters_.emplace_back(std::move(name), std::move(value));
  }
  return query;
}

}  // namespace vitalsd::http
