// Durations and sizes as people write them.
#include "core/quantity.h"

#include <gtest/gtest.h>

namespace vitalsd {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

TEST(ParseDuration, TakesWhatPrometheusTakes) {
  const std::pair<const char*, nanoseconds> cases[] = {
      {"0", 0s},
      {"0s", 0s},
      {"500ms", 500ms},
      {"5s", 5s},
      {"1m30s", 90s},
      {"1h", 3600s},
      {"1d", 24h},
      {"1w", 168h},
      {"1y", 8760h},
      {"1d12h", 36h},
      {"90s", 90s},
      {"1h0m1s", 3601s},
      {"1y2w3d4h5m6s7ms", 8760h + 336h + 72h + 4h + 5min + 6s + 7ms},
      {"292y", 292 * 8760h},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(parse_duration(text), expected) << text;
}

TEST(ParseDuration, RefusesTheRest) {
  for (const char* text :
       {"", "5", "s", "5x", "5 s", " 5s", "5s ", "-5s", "+5s", "1.5s", "5s5s", "5s1m", "5ms1s", "5us", "5S", "1m1"}) {
    const auto result = parse_duration(text);
    ASSERT_FALSE(result) << text;
    EXPECT_EQ(result.error().code, Errc::malformed) << text;
  }
  for (const char* text : {"293y", "292y52w", "9223372036855ms1", "9223372036854775807s"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
  EXPECT_EQ(parse_duration("293y").error().code, Errc::too_large);
  EXPECT_EQ(parse_duration("292y52w").error().code, Errc::too_large);
  EXPECT_EQ(parse_duration("9223372036854775807s").error().code, Errc::too_large);
}

TEST(FormatDuration, IsShortAndReadsBack) {
  const std::pair<nanoseconds, const char*> cases[] = {
      {0s, "0s"},   {1ms, "1ms"},  {1500ms, "1s500ms"}, {90s, "1m30s"}, {24h, "1d"},
      {168h, "1w"}, {8760h, "1y"}, {36h, "1d12h"},      {169h, "7d1h"}, {8761h, "365d1h"},
  };
  for (const auto& [duration, text] : cases) {
    EXPECT_EQ(format_duration(duration), text);
    EXPECT_EQ(parse_duration(text), duration);
  }
}

TEST(ParseSize, KnowsBothKindsOfPrefix) {
  const std::pair<const char*, std::uint64_t> cases[] = {
      {"0", 0},
      {"17", 17},
      {"2k", 2000},
      {"3M", 3'000'000},
      {"4G", 4'000'000'000},
      {"1T", 1'000'000'000'000},
      {"2Ki", 2048},
      {"64Mi", 64U << 20U},
      {"1Gi", 1U << 30U},
      {"1Ti", 1ULL << 40U},
      {"18446744073709551615", 18446744073709551615ULL},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(parse_size(text), expected) << text;
  for (const char* text : {"", "k", "1K", "1m", "1KiB", "1 k", "-1", "1.5k", "1k1", "1k ", "18446744073709551616"}) {
    EXPECT_FALSE(parse_size(text)) << text;
  }
  EXPECT_EQ(parse_size("16777216Ti").error().code, Errc::too_large);
  EXPECT_EQ(parse_size("16777215Ti"), 16777215ULL << 40U);
}

TEST(Cores, ReadsWhatKubernetesWrites) {
  const std::map<std::string, double> cases = {{"0", 0}, {"20m", 0.02}, {"0.25", 0.25}, {"2", 2}, {"1.5m", 0.0015}};
  for (const auto& [text, expected] : cases) {
    const auto cores = parse_cores(text);
    ASSERT_TRUE(cores) << text;
    EXPECT_DOUBLE_EQ(*cores, expected) << text;
  }
  for (const char* text : {"", "m", "1k", "-1", "-0.1m", "1 m", "0x1", "1e3", "nan", "inf", "1mm", "5%"}) {
    EXPECT_FALSE(parse_cores(text)) << text;
  }
  EXPECT_EQ(parse_cores("1000001").error().code, Errc::too_large);
}

}  // namespace
}  // namespace vitalsd
