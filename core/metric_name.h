// What Prometheus allows in the names of metrics and labels (prometheus.io/docs/concepts/data_model).
//   if (!is_metric_name(name)) refuse(name);
#pragma once

#include <algorithm>
#include <string_view>

namespace vitalsd {

/// What a label's name may begin with.
constexpr bool is_name_start(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
/// What may follow in it.
constexpr bool is_name_part(char c) noexcept { return is_name_start(c) || (c >= '0' && c <= '9'); }

/// [a-zA-Z_][a-zA-Z0-9_]*
constexpr bool is_label_name(std::string_view text) noexcept {
  return !text.empty() && is_name_start(text.front()) && std::ranges::all_of(text, is_name_part);
}

/// The same with colons anywhere.
constexpr bool is_metric_name(std::string_view text) noexcept {
  const auto fits = [](char c) { return is_name_part(c) || c == ':'; };
  return !text.empty() && (is_name_start(text.front()) || text.front() == ':') && std::ranges::all_of(text, fits);
}

}  // namespace vitalsd
