#include "collectors/formats/diskstats.h"

#include <gtest/gtest.h>

#include "tests/fakes/run_collector.h"

namespace vitalsd {
namespace {

TEST(Diskstats, AreReadAsFarAsTheKernelCounts) {
  std::vector<DiskStats> disks;
  RecordingFaults faults;
  ASSERT_TRUE(
      diskstats::parse("   8       0 sda 1 2 3 4 5 6 7 8 9 10 11\n"
                       "   8      16 sdb 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15\n"
                       "   8      32 sdc 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18\n",
                       disks, faults));
  ASSERT_EQ(disks.size(), 3U);
  EXPECT_EQ(disks[0].count, 11U);
  EXPECT_EQ(disks[1].count, 15U);
  EXPECT_EQ(disks[1].minor, 16U);
  EXPECT_EQ(disks[2].count, 17U);
  EXPECT_EQ(disks[2].counters[DiskStats::flush_ms], 17U);
  EXPECT_TRUE(faults.faults.empty());
}

TEST(Diskstats, ABadLineCostsItself) {
  std::vector<DiskStats> disks;
  RecordingFaults faults;
  ASSERT_TRUE(diskstats::parse(
      "8 1 sda1 250 0 2000 36\n8 0 sda 1 2 3 4 5 6 7 8 9 10 -11\n8 2 sdb 1 2 3 4 5 6 7 8 9 0 1\n", disks, faults));
  ASSERT_EQ(disks.size(), 1U);
  EXPECT_EQ(disks[0].name, "sdb");
  EXPECT_EQ(faults.faults.size(), 2U);
  EXPECT_EQ(faults.faults[0].entity, "sda1");
  EXPECT_FALSE(diskstats::parse("nonsense\n", disks, faults));
  EXPECT_TRUE(diskstats::parse("", disks, faults));
}

}  // namespace
}  // namespace vitalsd
