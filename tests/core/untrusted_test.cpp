// FileSource::regular() and open_untrusted() over a real directory with a hostile owner. If one of them waits, SIGALRM
// ends the test.
#include "core/untrusted.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "core/files.h"

namespace vitalsd {
namespace {

constexpr unsigned kDeadline = 20;  // seconds, for a test that takes milliseconds

class Untrusted : public testing::Test {
 protected:
  void SetUp() override {
    ::alarm(kDeadline);
    std::string name = testing::TempDir() + "untrustedXXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    root_ = name;
    std::ofstream(root_ / "file") << "42\n";
    const timespec times[2] = {{1'600'000'000, 0}, {1'600'000'001, 500'000'000}};
    ASSERT_EQ(::utimensat(AT_FDCWD, (root_ / "file").c_str(), times, 0), 0);
  }
  void TearDown() override {
    std::filesystem::remove_all(root_);
    ::alarm(0);
  }
  void fifo(const char* name) const { ASSERT_EQ(::mkfifo((root_ / name).c_str(), 0600), 0); }

  std::filesystem::path root_;
  std::string buffer_;
};

TEST_F(Untrusted, ARegularFileIsReadWithItsTime) {
  std::filesystem::create_symlink("/file", root_ / "link");  // absolute: relative to this root, not to the machine's
  for (const char* path : {"file", "link"}) {
    const auto read = open_directory(root_, Resolve::in_root)->regular(path, buffer_);
    ASSERT_TRUE(read) << path;
    EXPECT_EQ(read->text, "42\n");
    EXPECT_EQ(read->modified.time_since_epoch(), std::chrono::milliseconds(1'600'000'001'500)) << path;
  }
}

TEST_F(Untrusted, OtherFilesAreRefusedWithoutBeingOpened) {
  fifo("fifo");
  std::filesystem::create_directory(root_ / "directory");
  std::filesystem::create_symlink("fifo", root_ / "link");
  const auto files = open_directory(root_);
  for (const char* path : {"fifo", "directory", "link"}) {
    const auto read = files->regular(path, buffer_);
    ASSERT_FALSE(read) << path;
    EXPECT_EQ(read.error().code, Errc::malformed) << path;
  }
  EXPECT_EQ(files->regular("missing", buffer_).error().code, Errc::unavailable);
}

TEST_F(Untrusted, OpensTheFileThatWasChecked) {
  const Fd place(::open((root_ / "file").c_str(), O_PATH | O_CLOEXEC));
  std::filesystem::remove(root_ / "file");
  fifo("file");
  struct stat info{};
  const auto file = open_untrusted(place.get(), info);
  ASSERT_TRUE(file);
  char text[8] = {};
  EXPECT_EQ(::read(file->get(), text, sizeof text), 3);
  EXPECT_EQ(info.st_size, 3);
}

// A lease makes whoever opens the file wait for its holder, which never answers here.
TEST_F(Untrusted, ALeaseOfSomebodyIsNotWaitedFor) {
  const Fd holder(::open((root_ / "file").c_str(), O_WRONLY | O_CLOEXEC));
  if (::fcntl(holder.get(), F_SETSIG, SIGURG) != 0 || ::fcntl(holder.get(), F_SETLEASE, F_WRLCK) != 0) {
    GTEST_SKIP() << "no leases on this file system";
  }
  const auto read = open_directory(root_)->regular("file", buffer_);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().sys, EWOULDBLOCK);
}

TEST_F(Untrusted, AConstantlyReplacedFileNeverBlocks) {
  fifo("fifo");
  std::atomic<bool> over = false;
  std::thread owner([&] {
    while (!over) {
      (void)::renameat2(AT_FDCWD, (root_ / "file").c_str(), AT_FDCWD, (root_ / "fifo").c_str(), RENAME_EXCHANGE);
    }
  });
  const auto files = open_directory(root_);
  for (int i = 0; i < 20'000; ++i) {
    const auto read = files->regular("file", buffer_);
    if (read) {
      EXPECT_EQ(read->text, "42\n");
    } else {
      EXPECT_EQ(read.error().code, Errc::malformed);
    }
  }
  over = true;
  owner.join();
}

}  // namespace
}  // namespace vitalsd
