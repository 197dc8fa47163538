#include "collectors/formats/pid/pid_smaps.h"

#include <gtest/gtest.h>

#include <string>

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

const std::string kMapping =
    "00400000-0048a000 r-xp 00000000 fd:03 960637                             /opt/" + std::string(300, 'x') +
    "\nSize:                552 kB\nRss:                 460 kB\nPss:                 100 kB\nPss_Dirty:             9 "
    "kB\nSwap:                  8 kB\nSwapPss:               3 kB\nVmFlags: rd ex mr mw me\n";

TEST(PidSmapsSum, AddsUpMappingsInPiecesThatEndAnywhere) {
  const std::string text = kMapping + kMapping + kMapping;
  for (std::size_t piece = 1; piece < 200; ++piece) {
    pid_smaps::Sum sum;
    for (std::size_t at = 0; at < text.size(); at += piece) sum.add(std::string_view(text).substr(at, piece));
    const auto smaps = sum.result();
    ASSERT_TRUE(smaps && *smaps) << piece;
    EXPECT_EQ((*smaps)->pss, 300U * 1024) << piece;
    EXPECT_EQ((*smaps)->swap_pss, 9U * 1024) << piece;
  }
}

TEST(PidSmapsSum, OfNoMappingsIsNothing) {
  pid_smaps::Sum sum;
  const auto smaps = sum.result();
  ASSERT_TRUE(smaps);
  EXPECT_FALSE(*smaps);
}

TEST(PidSmapsSum, ALostLineIsNoSmallerSum) {
  const std::string most = "Pss: 18014398509481983 kB\nSwapPss: 0 kB\n";
  for (const std::string& text : {kMapping.substr(0, kMapping.size() - 1), kMapping + "Pss: 1 kB\n",
                                  kMapping + "Pss: x kB\nSwapPss: 1 kB\n", std::string("Rss: 1 kB\n"), most + most}) {
    pid_smaps::Sum sum;
    sum.add(text);
    EXPECT_FALSE(sum.result()) << text;
  }
}

}  // namespace
}  // namespace vitalsd
