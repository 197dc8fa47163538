#include "exporters/format.h"

#include <array>
#include <string>

namespace vitalsd {
namespace {

constexpr std::array<std::string_view, kFormats> kTypes = {
    "text/plain; version=0.0.4; charset=utf-8",
    "text/plain; version=1.0.0; charset=utf-8",
    "application/openmetrics-text; version=0.0.1; charset=utf-8",
    "application/openmetrics-text; version=1.0.0; charset=utf-8",
    "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited",
};
constexpr std::array<Body, kFormats> kBodyOf = {Body::text, Body::text, Body::openmetrics, Body::openmetrics,
                                                Body::protobuf};
constexpr std::array<std::string_view, kEscapings> kWords = {"allow-utf-8", "underscores", "dots", "values"};

}  // namespace

std::string_view escaping_word(Escaping escaping) noexcept { return kWords[static_cast<std::size_t>(escaping)]; }

std::string_view content_type(Form form) {
  static const auto kAll = [] {
    std::array<std::array<std::string, kEscapings>, kFormats> all;
    for (std::size_t format = 0; format < kFormats; ++format) {
      for (std::size_t escaping = 0; escaping < kEscapings; ++escaping) {
        all[format][escaping].append(kTypes[format]).append("; escaping=").append(kWords[escaping]);
      }
    }
    return all;
  }();
  return kAll[static_cast<std::size_t>(form.format)][static_cast<std::size_t>(form.escaping)];
}

Variant variant_of(Form form) noexcept {
  return {kBodyOf[static_cast<std::size_t>(form.format)], form.escaping == Escaping::dots};
}

}  // namespace vitalsd
