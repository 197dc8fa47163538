// What monitoring plugins print behind the bar, as real ones and as nobody should.
#include "collectors/formats/perfdata.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/fakes/run_collector.h"

namespace vitalsd {
namespace {

TEST(Perfdata, IsReadInBaseUnits) {
  RecordingFaults faults;
  const auto all =
      parse_perfdata("DISK OK | /=2643MB;5948;5958;0;5968 time=5ms load=0.3 hits=10c used=12.5%\n", faults);
  ASSERT_EQ(all.size(), 5U);
  EXPECT_EQ(all[0].label, "/");
  EXPECT_EQ(all[0].unit, "bytes");
  EXPECT_EQ(all[0].value, 2643 * 1048576.0);
  EXPECT_EQ(all[0].warning.high, 5948 * 1048576.0);
  EXPECT_TRUE(std::isnan(all[0].warning.low));
  EXPECT_EQ(all[0].critical.high, 5958 * 1048576.0);
  EXPECT_EQ(all[0].least, 0);
  EXPECT_EQ(all[0].most, 5968 * 1048576.0);
  EXPECT_EQ(all[1].unit, "seconds");
  EXPECT_EQ(all[1].value, 0.005);
  EXPECT_EQ(all[2].unit, "");
  EXPECT_TRUE(std::isnan(all[2].warning.high));
  EXPECT_TRUE(all[3].is_counter);
  EXPECT_EQ(all[4].unit, "ratio");
  EXPECT_EQ(all[4].value, 0.125);
  EXPECT_TRUE(faults.faults.empty());
}

TEST(Perfdata, OfLaterLinesCounts) {
  RecordingFaults faults;
  const auto all = parse_perfdata("OK | a=1\nmore text\nand more | b=2\nc=3\n", faults);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[2].label, "c");
  EXPECT_TRUE(parse_perfdata("no bar\nin it", faults).empty());
  EXPECT_TRUE(faults.faults.empty());
}

TEST(Perfdata, LabelsMayBeQuoted) {
  RecordingFaults faults;
  const auto all = parse_perfdata("|'a b'=1 'it''s'=2 'x=y'=3", faults);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].label, "a b");
  EXPECT_EQ(all[1].label, "it's");
  EXPECT_EQ(all[2].label, "x=y");
}

TEST(Perfdata, RangesHaveTwoEnds) {
  RecordingFaults faults;
  const auto all = parse_perfdata("|a=1;10:20;~:5 b=1;10:;@1:2 c=1;-3.5;", faults);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].warning.low, 10);
  EXPECT_EQ(all[0].warning.high, 20);
  EXPECT_TRUE(std::isnan(all[0].critical.low));
  EXPECT_EQ(all[0].critical.high, 5);
  EXPECT_EQ(all[1].warning.low, 10);
  EXPECT_TRUE(std::isnan(all[1].warning.high));
  EXPECT_TRUE(std::isnan(all[1].critical.high)) << "what alerts inside is no end of what alerts outside";
  EXPECT_EQ(all[2].warning.high, -3.5);
  EXPECT_TRUE(faults.faults.empty());
}

TEST(Perfdata, ABadOneCostsItself) {
  RecordingFaults faults;
  const auto all = parse_perfdata("|a=1 b=x alone c=1;y d=2 d=3 e=U f=1;2;3;4;5;6 =4 g=inf h=1,5s i=5furlongs", faults);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[1].label, "d");
  EXPECT_EQ(all[1].value, 2);
  EXPECT_EQ(all[2].label, "i");
  EXPECT_EQ(all[2].unit, "furlongs") << "a unit that nobody knows is passed on";
  std::vector<std::string> lost;
  for (const auto& fault : faults.faults) lost.push_back(fault.entity);
  EXPECT_EQ(lost, (std::vector<std::string>{"b", "alone", "c", "d (twice)", "f", "", "g", "h"}));
}

TEST(Perfdata, AQuoteWithoutEndEndsIt) {
  RecordingFaults faults;
  EXPECT_EQ(parse_perfdata("|a=1 'b c=2 d=3", faults).size(), 1U);
  EXPECT_EQ(faults.faults.size(), 1U);
}

TEST(Perfdata, IsReadUpToItsLimit) {
  std::string text = "|";
  for (std::size_t i = 0; i < kMostPerfData + 5; ++i) text += " a" + std::to_string(i) + "=1";
  RecordingFaults faults;
  EXPECT_EQ(parse_perfdata(text, faults).size(), kMostPerfData);
  ASSERT_EQ(faults.faults.size(), 1U);
  EXPECT_EQ(faults.faults[0].code, Errc::too_large);
}

}  // namespace
}  // namespace vitalsd
