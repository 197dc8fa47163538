// The collector `btrfs`: its files, and the ioctls for the errors of devices.
#include <gtest/gtest.h>
#include <linux/btrfs.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "collectors/storage/btrfs_devices.h"
#include "tests/fakes/fake_host.h"
#include "tests/fakes/run_collector.h"

namespace vitalsd {
namespace {

constexpr std::string_view kVolume = "fs/btrfs/00010203-0405-0607-0809-0a0b0c0d0e0f";

class Btrfs : public testing::Test, protected FakeHost {
 protected:
  Btrfs() {
    put("label", "data\n");
    put("metadata_uuid", "00010203-0405-0607-0809-0a0b0c0d0e0f\n");
    put("allocation/data/raid6/used_bytes", "5\n");
    put("devices/sda/size", "100\n");
    put("devices/sdb/size", "100\n");
  }
  void put(std::string_view file, std::string text) {
    sysfs->file(std::string(kVolume).append("/").append(file), std::move(text));
  }
  RunResult run() { return run_collector(*find_collector("btrfs")->make({}), host); }
};

std::string of(std::string_view family, std::string_view more = {}) {
  return std::string("node_btrfs_")
             .append(family)
             .append(R"({uuid="00010203-0405-0607-0809-0a0b0c0d0e0f")")
             .append(more) +
         "}";
}

TEST_F(Btrfs, NoMountedVolumeIsNoSeries) {
  sysfs->remove(kVolume);
  sysfs->file("fs/btrfs/features/raid56", "0");
  const auto run = this->run();
  ASSERT_TRUE(run.result);
  EXPECT_EQ(run.text, "");
}

TEST_F(Btrfs, SizesComeFromSysfsWithoutMounts) {
  EXPECT_EQ(sample(run().text, of("device_size_bytes", R"(,device="sda")")), "51200");
}

TEST_F(Btrfs, ParityOfTooFewDevicesHasNoRatio) {
  const std::string ratio = of("allocation_ratio", R"(,block_group_type="data",mode="raid6")");
  EXPECT_EQ(sample(run().text, ratio), std::nullopt);  // 2 devices, both of which would hold parity
  put("devices/sdc/size", "100\n");
  EXPECT_EQ(sample(run().text, ratio), "3");
}

TEST_F(Btrfs, OldKernelsHaveNoCommits) { EXPECT_EQ(sample(run().text, of("commits_total")), "0"); }

TEST_F(Btrfs, UnreadableCommitsAreAbsentAndReported) {
  sysfs->error(std::string(kVolume) + "/commit_stats", EACCES);
  const auto run = this->run();
  EXPECT_EQ(sample(run.text, of("commits_total")), std::nullopt);
  ASSERT_EQ(run.faults.size(), 1U);
  EXPECT_EQ(run.faults[0].code, Errc::denied);
}

TEST_F(Btrfs, ABadCommitLineCostsItself) {
  put("commit_stats", "commits x\nlast_commit_ms 1500\nnew_thing 3\n");
  const auto run = this->run();
  EXPECT_EQ(sample(run.text, of("commits_total")), std::nullopt);
  EXPECT_EQ(sample(run.text, of("last_commit_seconds")), "1.5");
  EXPECT_EQ(run.faults.size(), 1U);
}

// Devices 1 and 3; for any other the answer is ENODEV.
int two_devices(int fd, unsigned long request, void* argument) {
  if (fd != 7) return ENOTTY;
  if (request == BTRFS_IOC_FS_INFO) {
    auto& info = *static_cast<btrfs_ioctl_fs_info_args*>(argument);
    info.max_id = 3;
    info.num_devices = 2;
    for (int i = 0; i < 16; ++i) info.fsid[i] = static_cast<__u8>(i);
    return 0;
  }
  if (request == BTRFS_IOC_DEV_INFO) {
    auto& info = *static_cast<btrfs_ioctl_dev_info_args*>(argument);
    if (info.devid != 1 && info.devid != 3) return ENODEV;
    std::memset(info.uuid, static_cast<int>(0xA0 + info.devid), sizeof info.uuid);
    info.total_bytes = 1000 * info.devid;
    info.bytes_used = 10;
    std::memset(info.path, 'x', sizeof info.path);  // not terminated
    if (info.devid == 1) std::strcpy(reinterpret_cast<char*>(info.path), "/dev/mapper/disk");
    return 0;
  }
  auto& stats = *static_cast<btrfs_ioctl_get_dev_stats*>(argument);
  for (unsigned i = 0; i < 5; ++i) stats.values[i] = 10 * stats.devid + i;
  return 0;
}

TEST(BtrfsDevices, AreFoundByTheirNumbers) {
  BtrfsDevices devices(two_devices);
  ASSERT_TRUE(devices.ask(7));
  const auto found = devices.find("00010203-0405-0607-0809-0a0b0c0d0e0f");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].name, "disk");
  EXPECT_EQ(found[0].uuid, "a1a1a1a1-a1a1-a1a1-a1a1-a1a1a1a1a1a1");
  EXPECT_EQ(found[0].size, 1000U);
  EXPECT_EQ(found[0].errors[4], 14U);
  EXPECT_EQ(found[1].name.size(), std::size_t{BTRFS_DEVICE_PATH_NAME_MAX});
  ASSERT_TRUE(devices.ask(7));  // through another mount point
  EXPECT_EQ(devices.volumes(), 1U);
  devices.clear();
  EXPECT_TRUE(devices.find("00010203-0405-0607-0809-0a0b0c0d0e0f").empty());
}

TEST(BtrfsDevices, OfAnotherFileSystemAreUnavailable) {
  BtrfsDevices devices(two_devices);
  EXPECT_EQ(devices.ask(8).error().code, Errc::unavailable);
}

TEST(BtrfsDevices, HalfAnAnswerIsNone) {
  BtrfsDevices devices([](int fd, unsigned long request, void* argument) {
    return request == BTRFS_IOC_GET_DEV_STATS ? EIO : two_devices(fd, request, argument);
  });
  EXPECT_EQ(devices.ask(7).error().code, Errc::io);
  EXPECT_EQ(devices.volumes(), 0U);
}

// A real btrfs in a file, if this machine has the tools.
class RealBtrfs : public testing::Test {
 protected:
  void SetUp() override {
    char path[] = "/tmp/vitalsd-btrfs-XXXXXX";
    directory_ = ::mkdtemp(path);
    const std::string image = directory_ + "/image", point = directory_ + "/mnt";
    std::filesystem::create_directory(point);
    if (std::system(("truncate -s 128M " + image + " && mkfs.btrfs -q -L real " + image +
                     " >/dev/null 2>&1 && mount -o loop " + image + " " + point + " 2>/dev/null")
                        .c_str()) != 0)
      GTEST_SKIP() << "no btrfs can be made and mounted here";
    mounted_ = true;
  }
  void TearDown() override {
    if (mounted_) (void)std::system(("umount " + directory_ + "/mnt").c_str());
    std::filesystem::remove_all(directory_);
  }
  std::string directory_;
  bool mounted_ = false;
};

TEST_F(RealBtrfs, ReportsItsDeviceAndErrors) {
  FakeClock clock;
  std::ifstream own("/proc/self/mountinfo");  // the first process may see other mounts
  auto procfs = std::make_unique<FakeFiles>();
  procfs->file("1/mountinfo", {std::istreambuf_iterator<char>(own), {}});
  const Host host{.procfs = std::move(procfs), .sysfs = open_directory("/sys"), .clock = &clock};
  const auto run = run_collector(*find_collector("btrfs")->make({}), host);
  ASSERT_TRUE(run.result);
  EXPECT_TRUE(run.faults.empty());
  EXPECT_NE(run.text.find(R"(label="real"} 1)"), std::string::npos) << run.text;
  EXPECT_NE(run.text.find("\nnode_btrfs_device_unused_bytes{"), std::string::npos) << run.text;
  std::size_t errors = 0;
  for (std::size_t at = 0; (at = run.text.find("\nnode_btrfs_device_errors_total{", at)) != std::string::npos; ++at)
    ++errors;
  EXPECT_EQ(errors, 5U) << run.text;
  EXPECT_NE(run.text.find(R"(,type="corruption",device="loop)"), std::string::npos) << run.text;
  EXPECT_NE(run.text.find("\nnode_btrfs_device_size_bytes{"), std::string::npos) << run.text;
  EXPECT_NE(run.text.find("\"} 134217728\n"), std::string::npos) << run.text;  // 128 MiB
}

}  // namespace
}  // namespace vitalsd
