// Collector `diskstats`: when it reads what udev says of a disk.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/collectors/network/network_run.h"

namespace vitalsd {
namespace {

using std::chrono::seconds;

class DiskstatsUdev : public testing::Test, protected FakeHost {
 protected:
  DiskstatsUdev() {
    disks("   8       0 sda 100 0 0 0 0 0 0 0 0 0 0\n");
    udev->file("b8:0", "E:ID_MODEL=first\n");
  }
  void disks(std::string lines) { procfs->file("diskstats", std::move(lines)); }
  // How many files of udev the round read.
  std::size_t round(seconds later) {
    clock.advance(later);
    udev->forget_reads();
    text = run_collector(*collector, host).text;
    return udev->reads().size();
  }
  bool says(std::string_view model) const {
    return text.find("model=\"" + std::string(model) + "\"") != std::string::npos;
  }
  std::unique_ptr<Collector> collector = make_registered("diskstats");
  std::string text;
};

TEST_F(DiskstatsUdev, IsReadAgainWhileADiskIsNew) {
  EXPECT_EQ(round(seconds(1)), 1U);
  EXPECT_TRUE(says("first"));
  udev->file("b8:0", "E:ID_MODEL=late\n");
  EXPECT_EQ(round(seconds(5)), 1U);
  EXPECT_TRUE(says("late"));
  EXPECT_EQ(round(seconds(5)), 1U);
  EXPECT_EQ(round(seconds(5)), 0U);
  EXPECT_TRUE(says("late"));
}

TEST_F(DiskstatsUdev, IsReadAgainAtASlowPace) {
  round(seconds(1));
  round(seconds(10));
  udev->file("b8:0", "E:ID_FS_TYPE=xfs\n");
  EXPECT_EQ(round(seconds(59)), 0U);
  EXPECT_TRUE(says("first"));
  EXPECT_EQ(round(seconds(1)), 1U);
  EXPECT_FALSE(says("first"));
  EXPECT_NE(text.find("type=\"xfs\""), std::string::npos);
}

TEST_F(DiskstatsUdev, IsReadForAnotherDiskOfTheSameNumber) {
  round(seconds(1));
  round(seconds(10));
  udev->file("b8:0", "E:ID_MODEL=second\n");
  disks("   8       0 sda 99 0 0 0 0 0 0 0 0 0 0\n");  // it counts anew
  EXPECT_EQ(round(seconds(1)), 1U);
  EXPECT_TRUE(says("second"));
  round(seconds(10));
  disks("   8       0 sdb 99 0 0 0 0 0 0 0 0 0 0\n");
  EXPECT_EQ(round(seconds(1)), 1U);
}

TEST_F(DiskstatsUdev, IsForgottenWithItsDisk) {
  round(seconds(1));
  round(seconds(10));
  disks("");
  round(seconds(1));
  disks("   8       0 sda 200 0 0 0 0 0 0 0 0 0 0\n");
  EXPECT_EQ(round(seconds(1)), 1U);
}

}  // namespace
}  // namespace vitalsd
