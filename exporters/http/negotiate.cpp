#include "exporters/http/negotiate.h"

#include <algorithm>
#include <optional>

namespace vitalsd::http {
namespace {

std::string_view trim(std::string_view text) noexcept {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

bool same(std::string_view text, std::string_view lower) noexcept {
  return std::ranges::equal(text, lower, {},
                            [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
}

/// Parses "0", "0.5", "1.000" into thousandths; at most three decimals, at most 1.
std::optional<int> quality(std::string_view text) noexcept {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return std::nullopt;
  if (text.size() > 1 && text[1] != '.') return std::nullopt;
  int value = (text[0] - '0') * 1000;
  int unit = 100;
  for (const char c : text.substr(std::min<std::size_t>(2, text.size()))) {
    if (c < '0' || c > '9') return std::nullopt;
    value += (c - '0') * unit;
    unit /= 10;
  }
  return value <= 1000 ? std::optional(value) : std::nullopt;
}

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
    const auto end = std::min(list.find(','), list.size());
    const std::string_view item = list.substr(0, end);
    list.remove_prefix(std::min(end + 1, list.size()));
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
