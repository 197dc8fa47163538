// The files of a cgroup, as kernels write them and as nobody should.
#include "collectors/formats/cgroup_files.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

namespace vitalsd {
namespace {

using namespace cgroup_files;

TEST(CgroupFiles, FlatKeyed) {
  std::map<std::string, std::uint64_t, std::less<>> seen;
  const auto take = [&seen](std::string_view key, std::uint64_t value) { seen.emplace(key, value); };
  EXPECT_TRUE(flat_keyed("usage_usec 5\nnew.key 18446744073709551615\nodd -1\nover 18446744073709551616\n", "t", take));
  EXPECT_EQ(seen, (std::map<std::string, std::uint64_t, std::less<>>{{"usage_usec", 5}, {"new.key", ~0ULL}}));
  EXPECT_TRUE(flat_keyed("", "t", take));
  EXPECT_FALSE(flat_keyed("alone\n", "t", take));
  EXPECT_FALSE(flat_keyed("a 1\n\nb 2\n", "t", take));
}

TEST(CgroupFiles, Limits) {
  EXPECT_EQ(limit("1048576\n").value(), 1'048'576U);
  EXPECT_EQ(limit("max\n").value(), std::nullopt);
  EXPECT_EQ(limit("-1\n").value(), std::nullopt);
  EXPECT_EQ(limit("9223372036854771712\n").value(), std::nullopt) << "what version 1 writes for none";
  EXPECT_EQ(limit("0\n").value(), 0U) << "a limit of nothing is a limit";
  for (const char* bad : {"", "\n", "maximum", "12x", "-2", "1.5"}) EXPECT_FALSE(limit(bad)) << bad;
}

TEST(CgroupFiles, CpuMax) {
  const auto set = cpu_max("50000 100000\n");
  EXPECT_EQ(set->quota, 50'000U);
  EXPECT_EQ(set->period, 100'000U);
  EXPECT_EQ(cpu_max("max 100000\n")->quota, std::nullopt);
  for (const char* bad : {"", "50000", "50000 0", "x 100000", "50000 x"}) EXPECT_FALSE(cpu_max(bad)) << bad;
}

TEST(CgroupFiles, IoStat) {
  std::vector<CgroupDevice> devices{{.major = 9}};
  ASSERT_TRUE(
      io_stat("8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6 cost.usage=7\n253:1 \n8:16 wios=9\n\n", devices));
  ASSERT_EQ(devices.size(), 3U);
  EXPECT_EQ(devices[0].read_bytes, 1);
  EXPECT_EQ(devices[0].writes, 4);
  EXPECT_EQ(devices[1].major, 253U);
  EXPECT_TRUE(std::isnan(devices[1].read_bytes));
  EXPECT_EQ(devices[2].minor, 16U);
  EXPECT_EQ(devices[2].writes, 9);
  for (const char* bad : {"8", "8:x rbytes=1", "8:0 rbytes=x", "a:b", "8:0 rbytes=-1"}) {
    EXPECT_FALSE(io_stat(bad, devices)) << bad;
  }
  std::string many;
  for (std::size_t i = 0; i <= kMostDevices; ++i) many += std::to_string(i) + ":0 rbytes=1\n";
  EXPECT_FALSE(io_stat(many, devices));
}

TEST(CgroupFiles, Blkio) {
  std::vector<CgroupDevice> devices;
  ASSERT_TRUE(blkio("8:0 Read 10\n8:0 Write 20\n8:0 Sync 5\n8:0 Total 30\nTotal 30\n", Blkio::bytes, devices));
  ASSERT_TRUE(blkio("8:0 Read 1\n8:0 Write 2\n8:16 Read 7\n", Blkio::operations, devices));
  ASSERT_EQ(devices.size(), 2U);
  EXPECT_EQ(devices[0].read_bytes, 10);
  EXPECT_EQ(devices[0].written_bytes, 20);
  EXPECT_EQ(devices[0].reads, 1);
  EXPECT_EQ(devices[0].writes, 2);
  EXPECT_EQ(devices[1].reads, 7);
  EXPECT_TRUE(std::isnan(devices[1].read_bytes));
  EXPECT_TRUE(blkio("Total 0\n", Blkio::bytes, devices)) << "nothing was read or written yet";
  for (const char* bad : {"8:0 Read", "8:0 Read x", "8 Read 1"}) EXPECT_FALSE(blkio(bad, Blkio::bytes, devices)) << bad;
}

}  // namespace
}  // namespace vitalsd
