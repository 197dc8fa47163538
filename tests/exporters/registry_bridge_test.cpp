#include "exporters/registry_bridge.h"

#include <gtest/gtest.h>
#include <prometheus/client_metric.h>
#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/metric_family.h>
#include <prometheus/registry.h>
#include <prometheus/summary.h>
#include <prometheus/text_serializer.h>

#include <cmath>
#include <random>

#include "exporters/text.h"
#include "parse_exposition.h"

namespace vitalsd {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

std::string encode(RegistryBridge& bridge, const std::vector<MetricFamily>* families = nullptr) {
  auto block = std::make_shared<Block>();
  BlockSink sink(*block);
  families != nullptr ? bridge.collect(*families, sink) : bridge.collect(sink);
  block->finish();
  std::string out;
  TextEncoder().encode({block}, out);
  return out;
}

// TextSerializer prints 16 digits, but some doubles need 17 to be read back exactly.
bool agrees(double ours, double theirs) {
  return same_value(ours, theirs) || std::abs(ours - theirs) <= 1e-15 * std::abs(ours);
}

class Invented {
 public:
  explicit Invented(unsigned seed) : random_(seed) {}

  std::vector<MetricFamily> families() {
    std::vector<MetricFamily> all(1 + pick(6));
    for (std::size_t i = 0; i < all.size(); ++i) {
      all[i].name = "family_" + std::to_string(i);
      all[i].help = "Help " + std::to_string(pick(100)) + " with \"quotes\".";  // TextSerializer does not escape it
      all[i].type = static_cast<MetricType>(pick(5));
      const unsigned metrics = 1 + pick(4);
      for (unsigned m = 0; m < metrics; ++m) all[i].metric.push_back(metric(all[i].type, m));
    }
    return all;
  }

 private:
  unsigned pick(unsigned below) { return std::uniform_int_distribution<unsigned>(0, below - 1)(random_); }
  double number() {
    static const double kOdd[] = {0, -0.0, 1, 1e-300, 1e300, 0.1, 1e15 + 0.5, HUGE_VAL, -HUGE_VAL, NAN};
    return pick(2) == 0 ? kOdd[pick(std::size(kOdd))] : std::normal_distribution<>(0, 1e6)(random_);
  }
  std::string text() {
    static const char* const kPieces[] = {"a", "\\", "\"", "\n", " ", "\xC3\xA9", "{", "}", ",", "=", "#"};
    std::string out;
    for (unsigned i = pick(8); i > 0; --i) out += kPieces[pick(std::size(kPieces))];
    return out;
  }
  ClientMetric metric(MetricType type, unsigned index) {
    ClientMetric m;
    m.label.push_back({"index", std::to_string(index)});
    for (unsigned i = pick(3); i > 0; --i) m.label.push_back({"label_" + std::to_string(i), text()});
    m.counter.value = m.gauge.value = m.untyped.value = number();
    if (type == MetricType::Summary) {
      m.summary.sample_count = pick(1000);
      m.summary.sample_sum = number();
      for (const double q : {0.5, 0.9, 0.99}) m.summary.quantile.push_back({q, number()});
    }
    if (type == MetricType::Histogram) {
      const double bounds[] = {0.005, 0.1, 1, 2.5, HUGE_VAL};
      std::uint64_t count = 0;
      for (std::size_t i = 0; i < std::size(bounds) - pick(2); ++i) {
        m.histogram.bucket.push_back({count += pick(10), bounds[i]});
      }
      m.histogram.sample_count = count;
      m.histogram.sample_sum = number();
    }
    return m;
  }
  std::mt19937 random_;
};

TEST(RegistryBridge, SaysWhatTextSerializerSays) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    const auto families = Invented(seed).families();
    RegistryBridge bridge(nullptr);
    const auto ours = parse_exposition(encode(bridge, &families));
    const auto theirs = parse_exposition(prometheus::TextSerializer().Serialize(families));
    ASSERT_TRUE(ours && theirs) << "seed " << seed;
    EXPECT_EQ(ours->help, theirs->help) << "seed " << seed;
    EXPECT_EQ(ours->types, theirs->types) << "seed " << seed;
    ASSERT_EQ(ours->values.size(), theirs->values.size()) << "seed " << seed;
    for (const auto& [series, value] : theirs->values) {
      const auto found = ours->values.find(series);
      ASSERT_NE(found, ours->values.end()) << "seed " << seed << ": " << series.first;
      EXPECT_TRUE(agrees(found->second, value)) << series.first << ": " << found->second << " and " << value;
    }
  }
}

TEST(RegistryBridge, ALiveRegistry) {
  auto registry = std::make_shared<prometheus::Registry>();
  auto& counter =
      prometheus::BuildCounter().Name("runs_total").Help("Runs.").Register(*registry).Add({{"collector", "cpu"}});
  auto& histogram = prometheus::BuildHistogram()
                        .Name("took_seconds")
                        .Help("Time.")
                        .Register(*registry)
                        .Add({}, prometheus::Histogram::BucketBoundaries{0.5, 1});
  counter.Increment(3);
  histogram.Observe(0.1);
  histogram.Observe(0.75);
  histogram.Observe(8);
  RegistryBridge bridge(registry);
  const std::string expected =
      "# HELP runs_total Runs.\n# TYPE runs_total counter\nruns_total{collector=\"cpu\"} 3\n"
      "# HELP took_seconds Time.\n# TYPE took_seconds histogram\ntook_seconds_bucket{le=\"0.5\"} 1\n"
      "took_seconds_bucket{le=\"1\"} 2\ntook_seconds_bucket{le=\"+Inf\"} 3\ntook_seconds_sum 8.85\ntook_seconds_count "
      "3\n";
  EXPECT_EQ(encode(bridge), expected);
  EXPECT_EQ(encode(bridge), expected);
}

TEST(RegistryBridge, ABlockOutlivesTheBridge) {
  auto block = std::make_shared<Block>();
  {
    auto registry = std::make_shared<prometheus::Registry>();
    prometheus::BuildCounter().Name("a_name_too_long_for_small_strings_total").Help("H.").Register(*registry).Add({});
    BlockSink sink(*block);
    RegistryBridge(registry).collect(sink);
  }
  block->finish();
  std::string out;
  TextEncoder().encode({block}, out);
  EXPECT_EQ(out,
            "# HELP a_name_too_long_for_small_strings_total H.\n"
            "# TYPE a_name_too_long_for_small_strings_total counter\na_name_too_long_for_small_strings_total 0\n");
}

TEST(RegistryBridge, WhatAnExpositionCannotCarryIsLeftOut) {
  ClientMetric good, bad;
  good.label = {{"ok", "1"}};
  bad.label = {{"not ok", "1"}};
  const std::vector<MetricFamily> families = {{"bad name", "", MetricType::Gauge, {good}},
                                              {"1st", "", MetricType::Gauge, {good}},
                                              {"", "", MetricType::Gauge, {good}},
                                              {"empty", "", MetricType::Gauge, {}},
                                              {"a:good", "h", MetricType::Gauge, {bad, good}}};
  RegistryBridge bridge(nullptr);
  EXPECT_EQ(encode(bridge, &families), "# HELP a:good h\n# TYPE a:good gauge\na:good{ok=\"1\"} 0\n");
}

TEST(FamilyPool, MakesAFamilyOnceAndIsBounded) {
  FamilyPool pool;
  const Family* first = pool.intern("a", Kind::gauge, "help");
  EXPECT_EQ(pool.intern("a", Kind::gauge, "other help"), first);
  EXPECT_NE(pool.intern("a", Kind::counter, ""), first);
  for (std::size_t i = 0; i < 2 * FamilyPool::kMost; ++i) pool.intern("n" + std::to_string(i), Kind::gauge, "");
  EXPECT_EQ(pool.size(), FamilyPool::kMost);
  EXPECT_EQ(pool.intern("one_more", Kind::gauge, ""), nullptr);
  EXPECT_EQ(pool.intern("a", Kind::gauge, ""), first);
  EXPECT_EQ(first->help, "help");
}

}  // namespace
}  // namespace vitalsd
