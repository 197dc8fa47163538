#include "exporters/http/query.h"

#include <algorithm>

namespace vitalsd::http {
namespace {

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

bool append_decoded(std::string& out, std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      if (i + 2 >= text.size()) return false;
      const int high = hex_digit(text[i + 1]);
      const int low = hex_digit(text[i + 2]);
      if (high < 0 || low < 0) return false;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return true;
}

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
    if (!append_decoded(name, pair.substr(0, equals)) ||
        !append_decoded(value, pair.substr(std::min(equals + 1, pair.size())))) {
      return std::unexpected("the query has a % that two hexadecimal digits do not follow");
    }
    query.parameters_.emplace_back(std::move(name), std::move(value));
  }
  return query;
}

}  // namespace vitalsd::http
