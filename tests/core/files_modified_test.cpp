// FileSource::modified over a real directory: of regular files alone, and without ever blocking.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "core/files.h"

namespace vitalsd {
namespace {

class FilesModified : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "modifiedXXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    root_ = name;
    std::ofstream(root_ / "file") << "x";
    const timespec times[2] = {{1'600'000'000, 0}, {1'600'000'001, 500'000'000}};
    ASSERT_EQ(::utimensat(AT_FDCWD, (root_ / "file").c_str(), times, 0), 0);
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  std::filesystem::path root_;
};

TEST_F(FilesModified, IsTheTimeOfTheLastWrite) {
  std::filesystem::create_symlink("/file", root_ / "link");  // absolute: of this root, not of the machine
  for (const char* path : {"file", "link"}) {
    const auto when = open_directory(root_, Resolve::in_root)->modified(path);
    ASSERT_TRUE(when) << path;
    EXPECT_EQ(when->time_since_epoch(), std::chrono::milliseconds(1'600'000'001'500)) << path;
  }
}

TEST_F(FilesModified, RefusesWhatIsNoRegularFileWithoutOpeningIt) {
  ASSERT_EQ(::mkfifo((root_ / "fifo").c_str(), 0600), 0);
  std::filesystem::create_directory(root_ / "directory");
  const auto files = open_directory(root_);
  for (const char* path : {"fifo", "directory", "missing"}) {
    const auto when = files->modified(path);
    ASSERT_FALSE(when) << path;
    EXPECT_EQ(when.error().code, Errc::unavailable) << path;
  }
}

}  // namespace
}  // namespace vitalsd
