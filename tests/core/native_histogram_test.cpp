#include "core/native_histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

namespace vitalsd {
namespace {

TEST(NativeHistogram, CountsBelowPowersOfTwoExactly) {
  NativeHistogram histogram;
  for (const double value : {0.0, -1.0, 0.25, 0.2500001, 0.5, 1.0, 1.5, 2.0, 3.0}) histogram.observe(value);
  EXPECT_EQ(histogram.count(), 9U);
  EXPECT_EQ(histogram.zero_count(), 2U);
  EXPECT_DOUBLE_EQ(histogram.sum(), 8.5000001);
  EXPECT_EQ(histogram.cumulative(-3), 2U);
  EXPECT_EQ(histogram.cumulative(-2), 3U);
  EXPECT_EQ(histogram.cumulative(-1), 5U);
  EXPECT_EQ(histogram.cumulative(0), 6U);
  EXPECT_EQ(histogram.cumulative(1), 8U);
  EXPECT_EQ(histogram.cumulative(2), 9U);
  EXPECT_EQ(histogram.cumulative(100), 9U);
  EXPECT_EQ(histogram.cumulative(-100), 2U);
}

TEST(NativeHistogram, LeavesOutWhatIsNoNumber) {
  NativeHistogram histogram;
  histogram.observe(std::numeric_limits<double>::infinity());
  histogram.observe(std::nan(""));
  EXPECT_EQ(histogram.count(), 0U);
}

TEST(NativeHistogram, HoldsEachValueInItsBucket) {
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> exponent(-3, 3);
  for (int i = 0; i < 10'000; ++i) {
    const double value = std::exp2(exponent(random));
    NativeHistogram histogram;
    histogram.observe(value);
    ASSERT_EQ(histogram.buckets().size(), 1U);
    const double step = std::exp2(-histogram.schema());
    EXPECT_LE(value, std::exp2(histogram.offset() * step) * (1 + 1e-12));
    EXPECT_GT(value, std::exp2((histogram.offset() - 1) * step) * (1 - 1e-12));
  }
}

TEST(NativeHistogram, HalvesItsResolutionRatherThanGrow) {
  NativeHistogram histogram;
  std::mt19937_64 random(2);
  std::uniform_real_distribution<double> exponent(-60, 60);
  std::vector<double> values;
  for (int i = 0; i < 5'000; ++i) {
    values.push_back(std::exp2(exponent(random)));
    histogram.observe(values.back());
  }
  EXPECT_LE(histogram.buckets().size(), NativeHistogram::kBucketsLimit);
  EXPECT_EQ(histogram.schema(), 0);
  for (const int bound : {-50, -10, 0, 1, 33}) {
    const auto below = std::count_if(values.begin(), values.end(), [&](double v) { return v <= std::exp2(bound); });
    EXPECT_EQ(histogram.cumulative(bound), static_cast<std::uint64_t>(below)) << bound;
  }
}

TEST(NativeHistogram, IsRestored) {
  NativeHistogram histogram, other;
  for (const double value : {0.0, 0.1, 7.0, 7.1}) histogram.observe(value);
  ASSERT_TRUE(other.restore(histogram.schema(), histogram.zero_count(), histogram.sum(), histogram.offset(),
                            histogram.buckets()));
  EXPECT_EQ(other.count(), 4U);
  EXPECT_EQ(other.cumulative(0), 2U);
  other.observe(7.05);
  EXPECT_EQ(other.cumulative(3), 5U);
  EXPECT_FALSE(other.restore(9, 0, 0, 0, {}));
  EXPECT_FALSE(other.restore(3, 0, std::nan(""), 0, {}));
  EXPECT_FALSE(other.restore(3, 0, 0, 1 << 30, {}));
  EXPECT_FALSE(other.restore(3, 0, 0, 0, std::vector<std::uint64_t>(200)));
  EXPECT_EQ(other.count(), 5U);
}

}  // namespace
}  // namespace vitalsd
