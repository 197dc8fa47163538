#include "daemon/history/sums.h"

#include <cmath>

#include "tests/daemon/history/history_fixture.h"

namespace vitalsd {
namespace {

using namespace std::chrono_literals;

class SumsTest : public HistoryTest {
 protected:
  std::vector<Window> steps(const Family& family, std::chrono::nanoseconds back, std::chrono::nanoseconds step,
                            Sum what) {
    const auto series = history_.select({.family = std::string(family.name), .labels = {}}, 10);
    return sum_steps_of(series, now_ - back, now_, step, what);
  }
};

TEST_F(SumsTest, ExtremesAreThoseOfTheSumAndNotOfEach) {
  round({{"a", 10}, {"b", 0}});
  round({{"a", 0}, {"b", 12}});
  const auto found = steps(kResident, 2s, 2s, Sum::values);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].min, 10);
  EXPECT_EQ(found[0].max, 12);
  EXPECT_EQ(found[0].mean(), 11);
}

TEST_F(SumsTest, ARoundThatLacksOneHasTheSumOfTheOthers) {
  round({{"b", 5}});
  round({{"a", 1}, {"b", 5}});
  round({{"a", NAN}, {"b", NAN}});
  const auto found = steps(kResident, 3s, 1s, Sum::values);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].last, 5);
  EXPECT_EQ(found[1].last, 6);
  EXPECT_EQ(found[2].count, 0U);
}

TEST_F(SumsTest, ABurstBetweenTwoSamplesIsTheMostOfItsStep) {
  for (const double value : {0.0, 1.0, 1.0, 9.0, 10.0}) round({{"a", value}, {"b", value}}, kCpu);
  const auto found = steps(kCpu, 4s, 4s, Sum::rates);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].min, 0);
  EXPECT_EQ(found[0].max, 16);
  EXPECT_EQ(found[0].mean(), 5);
}

TEST_F(SumsTest, AMeanRateWeighsEachSampleByItsTime) {
  round({{"a", 0}}, kCpu);
  round({{"a", 4}}, kCpu, 1s);
  round({{"a", 4}}, kCpu, 3s);
  EXPECT_EQ(steps(kCpu, 4s, 4s, Sum::rates)[0].mean(), 1);
}

TEST_F(SumsTest, StepsOfARateGoOnFromTheLastSampleAndSurviveARestart) {
  for (const double value : {0.0, 1.0, 3.0, 6.0, 2.0}) round({{"a", value}}, kCpu);
  const auto found = steps(kCpu, 4s, 2s, Sum::rates);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].mean(), 1.5);
  EXPECT_EQ(found[1].mean(), 2.5);
}

TEST_F(SumsTest, WithoutTimeOrSeriesThereIsNothing) {
  EXPECT_TRUE(steps(kCpu, 0s, 1s, Sum::rates).empty());
  EXPECT_EQ(steps(kCpu, 1s, 1s, Sum::rates)[0].count, 0U);
}

}  // namespace
}  // namespace vitalsd
