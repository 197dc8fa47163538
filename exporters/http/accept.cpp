#include "exporters/http/accept.h"

#include <algorithm>
#include <array>
#include <optional>

#include "exporters/http/fields.h"

namespace vitalsd::http {
namespace {

struct Item {
  std::string_view type, version, proto, encoding;
  Escaping escaping = Escaping::underscores;
  std::optional<int> quality = 1000;
};

Escaping escaping_of(std::string_view word) noexcept {
  for (std::size_t i = 0; i < kEscapings; ++i) {
    if (word == escaping_word(static_cast<Escaping>(i))) return static_cast<Escaping>(i);
  }
  return Escaping::underscores;
}

Item item_of(std::string_view text) noexcept {
  Item item;
  item.type = trim(take_until(text, ';'));
  while (!text.empty()) {
    std::string_view parameter = take_until(text, ';');
    const std::string_view name = trim(take_until(parameter, '='));
    const std::string_view value = trim(parameter);
    if (same(name, "q")) item.quality = quality(value);
    if (same(name, "version")) item.version = value;
    if (same(name, "proto")) item.proto = value;
    if (same(name, "encoding")) item.encoding = value;
    if (same(name, "escaping")) item.escaping = escaping_of(value);
  }
  return item;
}

struct Known {
  std::string_view type, version, proto, encoding;
  Format format;
};
constexpr std::array<Known, 7> kKnown = {{
    {"text/plain", "", "", "", Format::text_0_0_4},
    {"text/plain", "0.0.4", "", "", Format::text_0_0_4},
    {"text/plain", "1.0.0", "", "", Format::text_1_0_0},
    {"application/openmetrics-text", "", "", "", Format::openmetrics_0_0_1},
    {"application/openmetrics-text", "0.0.1", "", "", Format::openmetrics_0_0_1},
    {"application/openmetrics-text", "1.0.0", "", "", Format::openmetrics_1_0_0},
    {"application/vnd.google.protobuf", "", "io.prometheus.client.MetricFamily", "delimited", Format::protobuf},
}};

std::optional<Format> format_of(const Item& item) noexcept {
  for (const Known& known : kKnown) {
    if (!same(item.type, known.type)) continue;
    const bool fits = known.format == Format::protobuf ? item.proto == known.proto && item.encoding == known.encoding
                                                       : item.version == known.version;
    if (fits) return known.format;
  }
  return std::nullopt;
}

}  // namespace

Form accepted_form(std::string_view accept) noexcept {
  Form best;
  int best_quality = 0;
  while (!accept.empty()) {
    const Item item = item_of(take_until(accept, ','));
    const auto format = format_of(item);
    if (!format || item.quality.value_or(0) <= best_quality) continue;
    best = {*format, item.escaping};
    best_quality = *item.quality;
  }
  return best;
}

}  // namespace vitalsd::http
