// The files of a cgroup, as kernels write them and in malformed variants.
#include "collectors/formats/cgroup_files.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "tests/fakes/run_collector.h"

namespace vitalsd {
namespace {

using namespace cgroup_files;

NoFaults no_faults;

TEST(CgroupFiles, FlatKeyed) {
  std::map<std::string, std::uint64_t, std::less<>> seen;
  const auto take = [&seen](std::string_view key, std::uint64_t value) { seen.emplace(key, value); };
  EXPECT_TRUE(flat_keyed("usage_usec 5\nnew.key 18446744073709551615\nodd -1\nover 18446744073709551616\n", "t",
                         no_faults, take));
  EXPECT_EQ(seen, (std::map<std::string, std::uint64_t, std::less<>>{{"usage_usec", 5}, {"new.key", ~0ULL}}));
  EXPECT_TRUE(flat_keyed("", "t", no_faults, take));
  EXPECT_FALSE(flat_keyed("alone\n", "t", no_faults, take));
  RecordingFaults lost;
  EXPECT_TRUE(flat_keyed("a 1\n\nanon\nodd -1\nb 2\n", "t", lost, take));
  EXPECT_EQ(seen.at("a"), 1U);
  EXPECT_EQ(seen.at("b"), 2U);
  ASSERT_EQ(lost.faults.size(), 2U);
  EXPECT_EQ(lost.faults[0].entity, "anon");
  EXPECT_EQ(lost.faults[1].entity, "odd");
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
  ASSERT_TRUE(io_stat("8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6 cost.usage=7\n253:1 \n8:16 wios=9\n\n",
                      devices, no_faults));
  ASSERT_EQ(devices.size(), 3U);
  EXPECT_EQ(devices[0].read_bytes, 1);
  EXPECT_EQ(devices[0].writes, 4);
  EXPECT_EQ(devices[1].major, 253U);
  EXPECT_TRUE(std::isnan(devices[1].read_bytes));
  EXPECT_EQ(devices[2].minor, 16U);
  EXPECT_EQ(devices[2].writes, 9);
  for (const char* bad : {"8", "8:x rbytes=1", "8:0 rbytes=x", "a:b", "8:0 rbytes=-1"}) {
    EXPECT_FALSE(io_stat(bad, devices, no_faults)) << bad;
  }
  std::string many;
  for (std::size_t i = 0; i <= kMostDevices; ++i) many += std::to_string(i) + ":0 rbytes=1\n";
  EXPECT_FALSE(io_stat(many, devices, no_faults));
}

TEST(CgroupFiles, IoStatOfSeveralDevicesOnALine) {
  std::vector<CgroupDevice> devices;
  ASSERT_TRUE(io_stat("8:0 \n8:16 7:1 rbytes=55296 wios=1\n253:0 8:32 7:2\n", devices, no_faults));
  ASSERT_EQ(devices.size(), 6U);
  EXPECT_EQ(devices[1].minor, 16U);
  EXPECT_TRUE(std::isnan(devices[1].read_bytes));
  EXPECT_EQ(devices[2].major, 7U);
  EXPECT_EQ(devices[2].minor, 1U);
  EXPECT_EQ(devices[2].read_bytes, 55296);
  EXPECT_EQ(devices[2].writes, 1);
}

TEST(CgroupFiles, ABadLineCostsItself) {
  std::vector<CgroupDevice> devices;
  RecordingFaults lost;
  ASSERT_TRUE(io_stat("8:0 rbytes=x wbytes=2\n(unknown) rbytes=5\n8:16 rbytes=7\n", devices, lost));
  ASSERT_EQ(devices.size(), 1U);
  EXPECT_EQ(devices[0].minor, 16U);
  EXPECT_EQ(devices[0].read_bytes, 7);
  EXPECT_EQ(lost.faults.size(), 2U);
  devices.clear();
  ASSERT_TRUE(blkio("(unknown) Read 5\n8:0 Read 10\n8:0 Write -1\nTotal 15\n", Blkio::bytes, devices, lost));
  ASSERT_EQ(devices.size(), 1U);
  EXPECT_EQ(devices[0].read_bytes, 10);
  EXPECT_TRUE(std::isnan(devices[0].written_bytes));
  ASSERT_EQ(lost.faults.size(), 4U);
  EXPECT_EQ(lost.faults[2].entity, "(unknown)");
}

TEST(CgroupFiles, Blkio) {
  std::vector<CgroupDevice> devices;
  ASSERT_TRUE(
      blkio("8:0 Read 10\n8:0 Write 20\n8:0 Sync 5\n8:0 Total 30\nTotal 30\n", Blkio::bytes, devices, no_faults));
  ASSERT_TRUE(blkio("8:0 Read 1\n8:0 Write 2\n8:16 Read 7\n", Blkio::operations, devices, no_faults));
  ASSERT_EQ(devices.size(), 2U);
  EXPECT_EQ(devices[0].read_bytes, 10);
  EXPECT_EQ(devices[0].written_bytes, 20);
  EXPECT_EQ(devices[0].reads, 1);
  EXPECT_EQ(devices[0].writes, 2);
  EXPECT_EQ(devices[1].reads, 7);
  EXPECT_TRUE(std::isnan(devices[1].read_bytes));
  EXPECT_TRUE(blkio("Total 0\n", Blkio::bytes, devices, no_faults)) << "nothing was read or written yet";
  for (const char* bad : {"8:0 Read", "8:0 Read x", "8 Read 1"})
    EXPECT_FALSE(blkio(bad, Blkio::bytes, devices, no_faults)) << bad;
}

}  // namespace
}  // namespace vitalsd
