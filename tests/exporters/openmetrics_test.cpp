// OpenMetrics: what its names and types are beside those of the text format.
#include <gtest/gtest.h>

#include "core/native_samples.h"
#include "core/sink.h"
#include "exporters/text.h"

namespace vitalsd {
namespace {

constexpr std::string_view kLabel[] = {"the_name"};

class OpenMetricsTest : public testing::Test {
 protected:
  std::string encode(LineStyle style = {.openmetrics = true, .dots = false}, std::string_view external = {}) {
    block_->finish();
    std::string out;
    TextEncoder(external, style).encode({block_}, out);
    return out;
  }

  std::shared_ptr<Block> block_ = std::make_shared<Block>();
  BlockSink sink_{*block_};
};

TEST_F(OpenMetricsTest, ACounterIsNamedWithoutItsTotal) {
  constexpr Family kCounter{"a_seconds_total", Kind::counter, "A \"quoted\" \\ help.\nSecond.", "seconds", kLabel};
  sink_.add(kCounter, {"x"}, 2);
  EXPECT_EQ(
      encode(),
      "# HELP a_seconds A \\\"quoted\\\" \\\\ help.\\nSecond.\n# TYPE a_seconds counter\n# UNIT a_seconds seconds\n"
      "a_seconds_total{the_name=\"x\"} 2\n# EOF\n");
}

TEST_F(OpenMetricsTest, WhatIsNoCounterOfItsIsUnknown) {
  constexpr Family kWithout{"a_interrupts", Kind::counter, "No total.", "interrupts"};
  constexpr Family kUntyped{"b_bytes", Kind::untyped, "Untyped.", "bytes"};
  sink_.add(kWithout, 1);
  sink_.add(kUntyped, 2);
  EXPECT_EQ(encode(),
            "# HELP a_interrupts No total.\n# TYPE a_interrupts unknown\na_interrupts 1\n"
            "# HELP b_bytes Untyped.\n# TYPE b_bytes unknown\nb_bytes 2\n# EOF\n");
}

TEST_F(OpenMetricsTest, ACounterWhoseBaseIsAnotherFamilyKeepsItsName) {
  constexpr Family kGauge{"a", Kind::gauge, "Gauge."};
  constexpr Family kCounter{"a_total", Kind::counter, "Counter."};
  sink_.add(kGauge, 1);
  sink_.add(kCounter, 2);
  EXPECT_EQ(
      encode(),
      "# HELP a Gauge.\n# TYPE a gauge\na 1\n# HELP a_total Counter.\n# TYPE a_total unknown\na_total 2\n# EOF\n");
}

TEST_F(OpenMetricsTest, TheGaugeOfAnOthersCreationIsLeftOut) {
  constexpr Family kHistogram{"h", Kind::histogram, "H."}, kCounter{"c_total", Kind::counter, "C."};
  constexpr Family kOfHistogram{"h_created", Kind::gauge, "When."}, kOfCounter{"c_created", Kind::gauge, "When."};
  constexpr Family kAlone{"b_created", Kind::gauge, "When."};
  sink_.add(kHistogram, kNoLabels, 3, Part::count);
  for (const Family* family : {&kCounter, &kOfHistogram, &kOfCounter, &kAlone}) sink_.add(*family, 1);
  EXPECT_EQ(encode(),
            "# HELP b_created When.\n# TYPE b_created gauge\nb_created 1\n# HELP c C.\n# TYPE c counter\nc_total 1\n"
            "# HELP h H.\n# TYPE h histogram\nh_count 3\n# EOF\n");
  EXPECT_NE(encode({.openmetrics = false, .dots = false}).find("\nh_created 1\n"), std::string::npos);
}

TEST_F(OpenMetricsTest, AUnitIsToldOnlyWhereTheNameEndsInIt) {
  constexpr Family kNot{"a_ratio", Kind::gauge, "R.", "seconds"};
  constexpr Family kAlone{"seconds", Kind::gauge, "S.", "seconds"};
  sink_.add(kNot, 1);
  sink_.add(kAlone, 1);
  EXPECT_EQ(encode().find("# UNIT"), std::string::npos);
}

TEST_F(OpenMetricsTest, BoundsAndQuantilesHaveAPoint) {
  constexpr Family kHistogram{"h", Kind::histogram, "H."};
  constexpr Family kSummary{"s", Kind::summary, "S."};
  constexpr std::string_view kLe[] = {"le"}, kQuantile[] = {"quantile"};
  for (const std::string_view le : {"1", "0.5", "1e+06", "+Inf"}) {
    sink_.add(kHistogram, sink_.labels(kLe, {&le, 1}), 3, Part::bucket);
  }
  const std::string_view one = "1";
  sink_.add(kSummary, sink_.labels(kQuantile, {&one, 1}), 9);
  sink_.add(kSummary, kNoLabels, 18, Part::sum);
  EXPECT_EQ(
      encode(),
      "# HELP h H.\n# TYPE h histogram\nh_bucket{le=\"1.0\"} 3\nh_bucket{le=\"0.5\"} 3\nh_bucket{le=\"1e+06\"} 3\n"
      "h_bucket{le=\"+Inf\"} 3\n# HELP s S.\n# TYPE s summary\ns{quantile=\"1.0\"} 9\ns_sum 18\n# EOF\n");
}

TEST_F(OpenMetricsTest, DotsDoubleTheUnderscoresOfNames) {
  constexpr Family kCounter{"a_b_total", Kind::counter, "a_b", "", kLabel};
  sink_.add(kCounter, {"x_y"}, 2);
  EXPECT_EQ(encode({.openmetrics = true, .dots = true}, "ex_t=\"1_2\""),
            "# HELP a__b_ a_b\n# TYPE a__b_ counter\na__b__total{ex__t=\"1_2\",the__name=\"x_y\"} 2\n# EOF\n");
  EXPECT_EQ(encode({.openmetrics = false, .dots = true}),
            "# HELP a__b__total a_b\n# TYPE a__b__total counter\na__b__total{the__name=\"x_y\"} 2\n");
}

TEST_F(OpenMetricsTest, NativeBucketsAreLeftOut) {
  constexpr Family kHistogram{"h", Kind::histogram, "H."};
  NativeHistogram native;
  native.observe(1);
  sink_.add(kHistogram, kNoLabels, 1, Part::count);
  add_native(sink_, kHistogram, kNoLabels, native);
  EXPECT_EQ(encode(), "# HELP h H.\n# TYPE h histogram\nh_count 1\n# EOF\n");
  EXPECT_EQ(encode({}), "# HELP h H.\n# TYPE h histogram\nh_count 1\n");
}

TEST_F(OpenMetricsTest, NothingIsItsEndAlone) { EXPECT_EQ(encode(), "# EOF\n"); }

}  // namespace
}  // namespace vitalsd
