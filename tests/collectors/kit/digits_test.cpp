#include "collectors/kit/digits.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace vitalsd {
namespace {

TEST(Digits, HoldTheExtremesOfTheirType) {
  EXPECT_EQ(std::string_view(Digits(std::numeric_limits<std::int32_t>::min())), "-2147483648");
  EXPECT_EQ(std::string_view(Digits(std::numeric_limits<std::uint32_t>::max())), "4294967295");
  EXPECT_EQ(std::string_view(Digits(std::numeric_limits<std::uint64_t>::max())), "18446744073709551615");
  EXPECT_EQ(std::string_view(Digits(std::uint16_t{0})), "0");
}

TEST(Digits, AreTakenFromBehindAPrefix) {
  EXPECT_EQ(number_behind("cpu", "cpu12"), "12");
  for (const auto* other : {"cpu", "cpufreq", "cpu1x", "node1", ""})
    EXPECT_EQ(number_behind("cpu", other), "") << other;
}

}  // namespace
}  // namespace vitalsd
