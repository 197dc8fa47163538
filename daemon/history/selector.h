// Which series are meant: a family's name, and labels with their values.
//   parse_selector(R"(node_cpu_seconds_total{mode="idle"})")->fits("node_cpu_seconds_total", R"(cpu="0",mode="idle")")
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vitalsd {

struct SeriesSelector {
  std::string family;                                       ///< empty: every family
  std::vector<std::pair<std::string, std::string>> labels;  ///< all of which a series must have

  /// `labels` is label text as in a Block. One that a series does not have fits where the value is empty.
  bool fits(std::string_view family_name, std::string_view label_text) const;
};

/// NAME, NAME{label="value",...} or {...}, as in PromQL with `=` alone. The error is a static text.
std::expected<SeriesSelector, std::string_view> parse_selector(std::string_view text);

}  // namespace vitalsd
