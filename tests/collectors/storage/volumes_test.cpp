// Collectors `xfs`, `zfs` and `bcache` where a file is torn, missing or denied.
#include <gtest/gtest.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "collectors/formats/human_size.h"
#include "tests/collectors/network/network_run.h"

namespace vitalsd {
namespace {

class Volumes : public testing::Test, protected FakeHost {};

TEST_F(Volumes, XfsLosesABadLineAlone) {
  sysfs->file("fs/xfs/sda1/stats/stats", "abt 1 2 3\nbmbt 5 6 7 8\nrw 28 -1\nnew 1\n");
  const auto run = run_registered("xfs", host);
  ASSERT_TRUE(run.result);
  EXPECT_EQ(sample(run.text, "node_xfs_allocation_btree_lookups_total{device=\"sda1\"}"), std::nullopt);
  EXPECT_EQ(sample(run.text, "node_xfs_block_map_btree_records_deleted_total{device=\"sda1\"}"), "8");
  EXPECT_EQ(sample(run.text, "node_xfs_read_calls_total{device=\"sda1\"}"), std::nullopt);
  EXPECT_EQ(run.faults.size(), 2U);
}

TEST_F(Volumes, XfsNumbersKeepTheKernelsOrder) {
  sysfs->file("fs/xfs/sda1/stats/stats", "ig 5 1 2 4 3 6 7\nrw 28 9\n");
  const auto run = run_registered("xfs", host);
  const auto value = [&](const std::string& name) {
    return sample(run.text, "node_xfs_" + name + "{device=\"sda1\"}");
  };
  EXPECT_EQ(value("write_calls_total"), "28") << "the kernel writes them first";
  EXPECT_EQ(value("read_calls_total"), "9");
  EXPECT_EQ(value("inode_operation_attempts_total"), "5");
  EXPECT_EQ(value("inode_operation_found_total"), "1");
  EXPECT_EQ(value("inode_operation_recycled_total"), "2");
  EXPECT_EQ(value("inode_operation_missed_total"), "4");
  EXPECT_EQ(value("inode_operation_duplicates_total"), "3");
  EXPECT_EQ(value("inode_operation_reclaims_total"), "6");
  EXPECT_EQ(value("inode_operation_attribute_changes_total"), "7");
}

TEST_F(Volumes, XfsWithoutItsModuleIsUnavailable) {
  EXPECT_EQ(run_registered("xfs", host).result.error().code, Errc::unavailable);
}

// A file of the kernel's own, from a file system that lives in a file.
TEST(RealXfs, CountsWrites) {
  char path[] = "/tmp/vitalsd-xfs-XXXXXX";
  const std::string directory = ::mkdtemp(path), mount = directory + "/mnt";
  std::filesystem::create_directory(mount);
  const bool mounted =
      std::system(("truncate -s 320M " + directory + "/image && mkfs.xfs -q " + directory +
                   "/image 2>/dev/null && mount -o loop " + directory + "/image " + mount + " 2>/dev/null")
                      .c_str()) == 0;
  std::string text;
  if (mounted) {
    FakeClock clock;
    const Host host{.sysfs = open_directory("/sys"), .clock = &clock};
    (void)std::system(("for i in 1 2 3; do echo $i > " + mount + "/file; done").c_str());
    const auto run = run_registered("xfs", host);
    EXPECT_TRUE(run.result && run.faults.empty());
    text = run.text;
    (void)std::system(("umount " + mount).c_str());
  }
  std::filesystem::remove_all(directory);
  if (!mounted) GTEST_SKIP() << "no XFS can be made and mounted here";
  EXPECT_NE(text.find("\nnode_xfs_directory_operation_create_total{device=\"loop"), std::string::npos) << text;
  EXPECT_NE(text.find("\nnode_xfs_vnode_remove_total{device=\"loop"), std::string::npos) << text;
}

constexpr const char* kHeading = "6 1 0x01 91 4368 5266997922 97951858082072\nname type data\n";

TEST_F(Volumes, ZfsKeepsSignsAndLosesABadLineAlone) {
  procfs->file(
      "spl/kstat/zfs/arcstats",
      std::string(kHeading) + "hits 4 7\nmisses 4 x\nmemory_available_bytes 3 -5\nname 7 text\nodd-name.a-b 4 1\n");
  procfs->file("spl/kstat/zfs/pool/state", "ONLINE\n");
  const auto run = run_registered("zfs", host);
  ASSERT_TRUE(run.result);
  EXPECT_EQ(sample(run.text, "node_zfs_arc_hits"), "7");
  EXPECT_EQ(sample(run.text, "node_zfs_arc_misses"), std::nullopt);
  EXPECT_EQ(sample(run.text, "node_zfs_arc_memory_available_bytes"), "-5");
  EXPECT_EQ(sample(run.text, "node_zfs_arc_a_b"), "1");
  EXPECT_EQ(sample(run.text, "node_zfs_zpool_state{zpool=\"pool\",state=\"online\"}"), "1");
  EXPECT_EQ(sample(run.text, "node_zfs_zpool_state{zpool=\"pool\",state=\"degraded\"}"), "0");
  ASSERT_EQ(run.faults.size(), 1U);
  EXPECT_EQ(run.faults[0].entity, "misses");
}

TEST_F(Volumes, ZfsDatasetsKeepTheirBlanks) {
  procfs->file("spl/kstat/zfs/pool/objset-1", std::string(kHeading) + "dataset_name 7 pool/a b\nwrites 4 3\n");
  procfs->file("spl/kstat/zfs/pool/other", "?");
  const auto run = run_registered("zfs", host);
  EXPECT_EQ(sample(run.text, "node_zfs_zpool_dataset_writes{zpool=\"pool\",dataset=\"pool/a b\"}"), "3");
  EXPECT_TRUE(run.faults.empty());
}

TEST_F(Volumes, ZfsReportsFilesWithoutTheirHeading) {
  procfs->file("spl/kstat/zfs/arcstats", "hits 4 7\n");
  procfs->file("spl/kstat/zfs/pool/io", "nread nwritten\n1\n");
  procfs->file("spl/kstat/zfs/pool/state", "ONLINE");
  const auto run = run_registered("zfs", host);
  ASSERT_TRUE(run.result);
  EXPECT_EQ(run.faults.size(), 2U);
  EXPECT_EQ(run.text.find("node_zfs_arc"), std::string::npos);
}

TEST_F(Volumes, BcachePrioritiesAreReadOnRequest) {
  const std::string set = "fs/bcache/a-b/";
  sysfs->file(set + "tree_depth", "1\n");
  sysfs->file(set + "cache0/priority_stats", "Unused:\t\t99%\nMetadata:\tx%\nAverage:\t1\n");
  EXPECT_EQ(run_registered("bcache", host).text.find("priority"), std::string::npos);
  const auto run = run_registered("bcache", host, {{"priority_stats", "true"}});
  EXPECT_EQ(sample(run.text, "node_bcache_priority_stats_unused_percent{uuid=\"a-b\",cache_device=\"cache0\"}"), "99");
  EXPECT_EQ(sample(run.text, "node_bcache_tree_depth{uuid=\"a-b\"}"), "1");
  ASSERT_EQ(run.faults.size(), 1U);
  EXPECT_EQ(run.faults[0].entity, "Metadata:");
}

TEST_F(Volumes, BcacheReportsWhatIsNoSize) {
  sysfs->file("fs/bcache/a-b/tree_depth", "deep\n");
  sysfs->file("fs/bcache/a-b/btree_cache_size", "1.5M\n");
  const auto run = run_registered("bcache", host);
  EXPECT_EQ(sample(run.text, "node_bcache_tree_depth{uuid=\"a-b\"}"), std::nullopt);
  EXPECT_EQ(sample(run.text, "node_bcache_btree_cache_size_bytes{uuid=\"a-b\"}"), "1560576");
  EXPECT_EQ(run.faults.size(), 1U);
}

TEST(HumanSize, OfBcacheCountsTheFractionIn1024Parts) {
  EXPECT_EQ(human_size::of_bcache("427.5k"), 437748);
  EXPECT_EQ(human_size::of_bcache("-790.0k"), -808960);
  EXPECT_EQ(human_size::of_bcache("0"), 0);
}

TEST(HumanSize, OfBcachefsIsDecimal) {
  EXPECT_EQ(human_size::of_bcachefs("28.2k"), 28876);
  EXPECT_EQ(human_size::of_bcachefs("2.00M"), 2 * 1024 * 1024);
  EXPECT_EQ(human_size::of_bcachefs("697"), 697);
}

TEST(HumanSize, RefusesWhatIsNone) {
  for (const std::string_view text : {"", "k", "-", "--1", "1.2.3", "inf", "1e5", "0x10", "1Q", ".", "1.k"}) {
    EXPECT_FALSE(human_size::of_bcache(text)) << text;
  }
  for (const std::string_view text : {"", "k", "-1", "nan", "1e5", "1Q", "."})
    EXPECT_FALSE(human_size::of_bcachefs(text)) << text;
}

}  // namespace
}  // namespace vitalsd
