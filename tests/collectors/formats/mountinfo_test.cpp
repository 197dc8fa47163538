#include "collectors/formats/mountinfo.h"

#include <gtest/gtest.h>

#include "tests/fakes/run_collector.h"

namespace vitalsd {
namespace {

class Mountinfo : public testing::Test {
 protected:
  void parse(const std::string& given) {
    text = given;
    result = mountinfo::parse(text, mounts, faults);
  }
  std::string text;
  Mounts mounts;
  RecordingFaults faults;
  Result<void> result;
};

TEST_F(Mountinfo, IsReadWithEscapesAndOptionalFields) {
  parse(
      "36 35 98:0 /sub /mnt\\040a\\011b\\134c rw,noatime shared:1 master:2 - ext4 /dev/disk\\040one rw,ro\n"
      "37 35 0:5 / /x ro - tmpfs  rw,size=1k\n"
      "38 35 0:6 / /y rw,errors=remount-ro - nfs4 host:/a rw,hard\n");
  ASSERT_TRUE(result);
  ASSERT_EQ(mounts.all.size(), 3U);
  EXPECT_EQ(mounts.all[0].point, "/mnt a\tb\\c");
  EXPECT_EQ(mounts.all[0].source, "/dev/disk one");
  EXPECT_EQ(mounts.all[0].type, "ext4");
  EXPECT_EQ(mounts.all[0].major, 98U);
  EXPECT_TRUE(mounts.all[0].read_only);
  EXPECT_EQ(mounts.all[1].source, "");
  EXPECT_TRUE(mounts.all[1].read_only);
  EXPECT_FALSE(mounts.all[2].read_only);
}

TEST_F(Mountinfo, KnowsWhatIsCovered) {
  parse(
      "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n"
      "5 1 0:9 / /a/b rw - tmpfs hidden rw\n"
      "3 1 0:7 / /a rw - tmpfs top rw\n"
      "2 3 0:8 / /a rw - tmpfs over rw\n"
      "6 2 0:9 / /a/b rw - tmpfs shown rw\n");
  ASSERT_EQ(mounts.all.size(), 5U);
  std::string shown;
  for (const Mount& mount : mounts.all) {
    if (!mount.covered) shown.append(mount.source).append(" ");
  }
  EXPECT_EQ(shown, "/dev/sda1 over shown ");
}

TEST_F(Mountinfo, ABadLineCostsItself) {
  parse(
      "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 8 / /a rw - ext4 b rw\n3 1 8:1 / /a rw shared:1\n4 1 8:1 / a rw - x y "
      "z\n");
  ASSERT_TRUE(result);
  EXPECT_EQ(mounts.all.size(), 1U);
  EXPECT_EQ(faults.faults.size(), 3U);
  parse("?\n");
  EXPECT_FALSE(result);
}

TEST_F(Mountinfo, TenThousandMounts) {
  std::string many;
  for (int i = 1; i <= 10'000; ++i)
    many += std::to_string(i) + " 0 0:1 / /m\\040" + std::to_string(i) + " rw - tmpfs t rw\n";
  parse(many);
  ASSERT_EQ(mounts.all.size(), 10'000U);
  EXPECT_EQ(mounts.all.front().point, "/m 1");
  EXPECT_EQ(mounts.all.back().point, "/m 10000");
}

}  // namespace
}  // namespace vitalsd
