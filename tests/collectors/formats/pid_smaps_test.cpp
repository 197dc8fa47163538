#include "collectors/formats/pid/pid_smaps.h"

#include <gtest/gtest.h>

namespace vitalsd {
namespace {

TEST(PidSmaps, AreRead) {
  const auto smaps = pid_smaps::parse(
      "00400000-7fff [rollup]\nRss:  10 kB\nPss:   123 kB\nPss_Anon: 1 kB\nSwap: 9 kB\nSwapPss:   4 kB\nLocked: 0 "
      "kB\n");
  ASSERT_TRUE(smaps);
  EXPECT_EQ(smaps->pss, 123U * 1024);
  EXPECT_EQ(smaps->swap_pss, 4U * 1024);
}

TEST(PidSmaps, AreRefusedWhenTheyAreNotWhole) {
  for (const char* text : {"", "Pss: 1 kB\n", "SwapPss: 1 kB\n", "Pss: x kB\nSwapPss: 1 kB\n", "Pss:\nSwapPss: 1 kB\n",
                           "Pss: 18446744073709551615 kB\nSwapPss: 1 kB\n"}) {
    EXPECT_FALSE(pid_smaps::parse(text)) << text;
  }
}

}  // namespace
}  // namespace vitalsd
