// The form that an Accept field asks for, as client_golang negotiates it.
#include "exporters/http/accept.h"

#include <gtest/gtest.h>

namespace vitalsd {
namespace {

using enum Format;
using enum Escaping;

constexpr std::string_view kPrometheus =
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
    "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
    "text/plain;version=0.0.4;q=0.3,*/*;q=0.2";
constexpr std::string_view kPrometheusWithNativeHistograms =
    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,"
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
    "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,"
    "text/plain;version=0.0.4;q=0.2,*/*;q=0.1";
constexpr std::string_view kOldPrometheus =
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1";

TEST(Accept, TheFormIsAsClientGolangWouldFindIt) {
  const std::pair<std::string_view, Form> cases[] = {
      {"", {text_0_0_4, underscores}},
      {"*/*", {text_0_0_4, underscores}},
      {"text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", {text_0_0_4, underscores}},
      {kPrometheus, {openmetrics_1_0_0, allow_utf8}},
      {kPrometheusWithNativeHistograms, {protobuf, underscores}},
      {kOldPrometheus, {openmetrics_1_0_0, underscores}},
      {"text/plain", {text_0_0_4, underscores}},
      {"text/plain;version=1.0.0", {text_1_0_0, underscores}},
      {"text/plain;version=2.0.0", {text_0_0_4, underscores}},
      {"application/openmetrics-text", {openmetrics_0_0_1, underscores}},
      {"application/openmetrics-text;version=2.0.0", {text_0_0_4, underscores}},
      {"application/openmetrics-text;version=2.0.0;q=1,application/openmetrics-text;version=1.0.0;q=0.1",
       {openmetrics_1_0_0, underscores}},
      {"text/plain;version=0.0.4;q=0.3,application/openmetrics-text;version=1.0.0;q=0.3", {text_0_0_4, underscores}},
      {"Application/OpenMetrics-Text; Version=1.0.0 ; escaping=dots", {openmetrics_1_0_0, dots}},
      {"text/plain;version=0.0.4;escaping=values", {text_0_0_4, values}},
      {"text/plain;version=0.0.4;escaping=strange", {text_0_0_4, underscores}},
      {"application/openmetrics-text;version=1.0.0;q=0", {text_0_0_4, underscores}},
      {"application/openmetrics-text;version=1.0.0;q=x", {text_0_0_4, underscores}},
      {"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text",
       {text_0_0_4, underscores}},
      {"application/vnd.google.protobuf;encoding=delimited", {text_0_0_4, underscores}},
      {";;,,;q=,=;", {text_0_0_4, underscores}},
  };
  for (const auto& [accept, form] : cases) {
    const Form found = http::accepted_form(accept);
    EXPECT_EQ(found.format, form.format) << accept;
    EXPECT_EQ(found.escaping, form.escaping) << accept;
  }
}

TEST(Accept, ContentTypesAreClientGolangs) {
  EXPECT_EQ(content_type({}), "text/plain; version=0.0.4; charset=utf-8; escaping=underscores");
  EXPECT_EQ(content_type({text_1_0_0, allow_utf8}), "text/plain; version=1.0.0; charset=utf-8; escaping=allow-utf-8");
  EXPECT_EQ(content_type({openmetrics_0_0_1, dots}),
            "application/openmetrics-text; version=0.0.1; charset=utf-8; escaping=dots");
  EXPECT_EQ(content_type({openmetrics_1_0_0, values}),
            "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=values");
  EXPECT_EQ(content_type({protobuf, underscores}),
            "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; "
            "escaping=underscores");
}

}  // namespace
}  // namespace vitalsd
