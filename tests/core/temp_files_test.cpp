// Temporary files: nothing outlives their owner, and nobody's links are followed. Real files.
#include "core/temp_files.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

namespace vitalsd {
namespace {

namespace fs = std::filesystem;

class TempFilesTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = fs::temp_directory_path() / "vitalsd-XXXXXX";
    parent_ = ::mkdtemp(pattern.data());
  }
  void TearDown() override { fs::remove_all(parent_); }
  std::size_t count() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(parent_ + "/tmp"), fs::directory_iterator()));
  }
  std::string parent_;
};

TEST_F(TempFilesTest, AreReadAsTheyWereWritten) {
  const auto files = TempFiles::open(parent_, "tmp");
  ASSERT_TRUE(files) << describe(files.error());
  const auto file = (*files)->make();
  ASSERT_TRUE(file);
  ASSERT_TRUE((*file)->append("ab"));
  ASSERT_TRUE((*file)->append("cd"));
  std::string text;
  ASSERT_TRUE((*file)->read(text, 4));
  EXPECT_EQ(text, "abcd");
  EXPECT_EQ((*file)->read(text, 3).error().code, Errc::too_large);
  struct stat info{};
  ASSERT_EQ(::stat((parent_ + "/tmp").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0700U);
}

TEST_F(TempFilesTest, GoWithTheirObject) {
  const auto files = TempFiles::open(parent_, "tmp");
  auto file = (*files)->make();
  EXPECT_EQ(count(), 1U);
  file->reset();
  EXPECT_EQ(count(), 0U);
}

TEST_F(TempFilesTest, AreSweptAtTheStartAndTheEnd) {
  fs::create_directory(parent_ + "/tmp");
  fs::permissions(parent_ + "/tmp", fs::perms::owner_all);
  std::ofstream(parent_ + "/outside") << "stays";
  std::ofstream(parent_ + "/tmp/upload-1") << "left by a killed daemon";
  fs::create_symlink(parent_ + "/outside", parent_ + "/tmp/link");
  auto files = TempFiles::open(parent_, "tmp");
  ASSERT_TRUE(files) << describe(files.error());
  EXPECT_EQ(count(), 0U);
  EXPECT_TRUE(fs::exists(parent_ + "/outside"));
  std::ofstream(parent_ + "/tmp/upload-9") << "x";
  files->reset();
  EXPECT_EQ(count(), 0U);
}

TEST_F(TempFilesTest, HaveOneOwner) {
  const auto files = TempFiles::open(parent_, "tmp");
  const auto other = TempFiles::open(parent_, "tmp");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().sys, EBUSY);
}

TEST_F(TempFilesTest, LieInNoDirectoryOfOthers) {
  fs::create_directory(parent_ + "/elsewhere");
  fs::permissions(parent_ + "/elsewhere", fs::perms::owner_all);
  std::ofstream(parent_ + "/elsewhere/theirs") << "stays";
  fs::create_directory_symlink(parent_ + "/elsewhere", parent_ + "/tmp");
  EXPECT_FALSE(TempFiles::open(parent_, "tmp"));
  EXPECT_TRUE(fs::exists(parent_ + "/elsewhere/theirs"));
  fs::remove(parent_ + "/tmp");
  fs::create_directory(parent_ + "/tmp");
  fs::permissions(parent_ + "/tmp", fs::perms::all);
  const auto open_to_all = TempFiles::open(parent_, "tmp");
  ASSERT_FALSE(open_to_all);
  EXPECT_EQ(open_to_all.error().code, Errc::denied);
}

}  // namespace
}  // namespace vitalsd
