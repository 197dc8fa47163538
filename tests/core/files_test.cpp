// The source over a real directory: contents, errors, limits, links.
#include "core/files.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>
#include <utility>

#include "core/fd.h"

namespace vitalsd {
namespace {

class Files : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "/files_XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    source_ = open_directory(directory_);
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }
  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(directory_ + "/" + name).parent_path());
    std::ofstream(directory_ + "/" + name, std::ios::binary) << text;
  }
  std::string directory_;
  std::string buffer_;
  std::unique_ptr<FileSource> source_;
};

TEST_F(Files, ReadWholeFilesOfAnySize) {
  for (const std::size_t size : {0U, 1U, 16384U, 16385U, 100'000U, (4U << 20U) - 1}) {
    const std::string text(size, 'x');
    write("f", text);
    for (const Keep keep : {Keep::no, Keep::yes}) EXPECT_EQ(source_->read("f", buffer_, keep), text) << size;
  }
  write("f", std::string((4U << 20U) + 1, 'x'));
  const auto result = source_->read("f", buffer_);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::too_large);
}

TEST_F(Files, SeeAReplacedFileDespiteKeep) {
  write("f", "old");
  EXPECT_EQ(source_->read("f", buffer_, Keep::yes), "old");
  std::filesystem::remove(directory_ + "/f");
  write("f", "new");
  EXPECT_EQ(source_->read("f", buffer_, Keep::yes), "new");
  EXPECT_FALSE(source_->is_kernel());
}

// Cgroups of version 1 are file systems that are mounted below a tmpfs.
TEST_F(Files, KeepTheKernelsFilesBelowAnyRoot) {
  std::filesystem::create_symlink("/proc/self/stat", directory_ + "/f");
  ASSERT_TRUE(source_->read("f", buffer_, Keep::yes));
  std::filesystem::remove(directory_ + "/f");
  EXPECT_TRUE(source_->read("f", buffer_, Keep::yes));
  EXPECT_FALSE(source_->read("f", buffer_));
}

TEST_F(Files, ReadOnlyOpenFilesUnderKeptOnly) {
  OpenRule rule;
  const auto proc = open_directory("/proc/self", Resolve::as_is, &rule);
  Names names;
  ASSERT_TRUE(proc->read("stat", buffer_, Keep::yes));
  ASSERT_TRUE(proc->count("fd", names, Keep::yes));
  EXPECT_TRUE(rule.opened);

  rule = {.kept_only = true};
  EXPECT_TRUE(proc->read("stat", buffer_, Keep::yes));
  EXPECT_TRUE(proc->count("fd", names, Keep::yes));
  EXPECT_FALSE(rule.opened) << "that is what the descriptors are kept for";

  const auto is_refused = [&rule](const auto& result) {
    return !result && result.error().code == Errc::would_open && std::exchange(rule.opened, false);
  };
  EXPECT_TRUE(is_refused(proc->read("stat", buffer_, Keep::no)));
  EXPECT_TRUE(is_refused(proc->read("statm", buffer_, Keep::yes)));
  EXPECT_TRUE(is_refused(proc->attribute("oom_score", buffer_)));
  EXPECT_TRUE(is_refused(proc->link("exe", buffer_)));
  EXPECT_TRUE(is_refused(proc->list("fd", names)));
  EXPECT_TRUE(is_refused(proc->directories("fd", names)));
  EXPECT_TRUE(is_refused(proc->count("fd", names, Keep::no)));
  EXPECT_TRUE(is_refused(proc->count("task", names, Keep::yes)));
  EXPECT_TRUE(is_refused(proc->open("stat")));
  EXPECT_TRUE(is_refused(proc->regular("stat", buffer_)));
}

// Somebody may mount a file system of his own over a file of /proc, which hangs. Such a file is never kept.
TEST_F(Files, NeverKeepFilesOutsideKernelFileSystems) {
  OpenRule rule;
  const auto files = open_directory(directory_, Resolve::as_is, &rule);
  write("f", "text");
  ASSERT_TRUE(files->read("f", buffer_, Keep::yes));
  rule.kept_only = true;
  const auto text = files->read("f", buffer_, Keep::yes);
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code, Errc::would_open);
  Names names;
  EXPECT_EQ(files->count("", names, Keep::yes).error().code, Errc::would_open);
}

TEST_F(Files, CountTheSameThroughAKeptDescriptor) {
  const auto proc = open_directory("/proc/self");
  Names names;
  const auto kept = proc->count("fd", names, Keep::yes);
  ASSERT_TRUE(kept);
  EXPECT_EQ(proc->count("fd", names, Keep::no), *kept);
  const Fd more(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  EXPECT_EQ(proc->count("fd", names, Keep::yes), *kept + 1);
  for (const char* name : {"d/a", "d/b"}) write(name, "");
  EXPECT_EQ(source_->count("d", names, Keep::yes), 2U);
}

TEST_F(Files, NeverWaitForAFifoUnderNoWaiting) {
  OpenRule rule{.no_waiting = true};
  const auto files = open_directory(directory_, Resolve::as_is, &rule);
  ASSERT_EQ(::mkfifo((directory_ + "/fifo").c_str(), 0600), 0);
  EXPECT_EQ(files->read("fifo", buffer_), "");
  write("f", "text");
  EXPECT_EQ(files->read("f", buffer_), "text");
}

TEST_F(Files, ReadAttributesWithoutTheirNewline) {
  const std::pair<const char*, const char*> cases[] = {{"1\n", "1"}, {"1", "1"}, {"", ""}, {"a\nb\n\n", "a\nb\n"}};
  for (const auto& [text, expected] : cases) {
    write("a", text);
    EXPECT_EQ(source_->attribute("a", buffer_), expected);
  }
  write("a", std::string(5000, 'x'));
  EXPECT_EQ(source_->attribute("a", buffer_)->size(), 4096U);
}

TEST_F(Files, ReadWhatHasNoPositionAsItComes) {
  const std::string path = directory_ + "/fifo";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const auto with_writer = [&](auto use) {
    std::thread writer([&path] { std::ofstream(path) << "1 2\n"; });
    use();
    writer.join();
  };
  with_writer([this] { EXPECT_EQ(source_->attribute("fifo", buffer_, Keep::yes), "1 2"); });
  with_writer([this] { EXPECT_EQ(source_->read("fifo", buffer_, Keep::yes), "1 2\n"); });
}

TEST_F(Files, ReturnErrorsWithCodeErrnoAndPath) {
  write("d/f", "x");
  std::string path = "none";
  const auto missing = source_->read(path, buffer_);
  path = "gone";  // the error must outlive the path that was passed
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Errc::unavailable);
  EXPECT_EQ(missing.error().sys, ENOENT);
  EXPECT_EQ(missing.error().where, "none");
  EXPECT_EQ(source_->read("d/f/x", buffer_).error().sys, ENOTDIR);
  EXPECT_EQ(source_->read("d", buffer_).error().code, Errc::io);
  EXPECT_EQ(source_->link("d/f", buffer_).error().sys, EINVAL);
  Names names;
  EXPECT_EQ(source_->list("d/f", names).error().sys, ENOTDIR);
  EXPECT_EQ(source_->open("none").error().code, Errc::unavailable);
}

TEST_F(Files, ListNamesSorted) {
  for (const char* name : {"d/b", "d/a", "d/.hidden", "d/c/x"}) write(name, "");
  Names names;
  for (int round = 0; round < 2; ++round) {
    ASSERT_TRUE(source_->list("d", names));
    ASSERT_EQ(names.size(), 4U);
    EXPECT_EQ(names[0], ".hidden");
    EXPECT_EQ(names[1], "a");
    EXPECT_EQ(names[3], "c");
  }
  EXPECT_EQ(source_->count("d", names), 4U);
  EXPECT_EQ(source_->count("d/c", names), 1U);
  ASSERT_TRUE(source_->list("", names));
  EXPECT_EQ(names.size(), 1U);
  for (int i = 0; i < 500; ++i) write("many/" + std::to_string(1000 + i), "");
  ASSERT_TRUE(source_->list("many", names));
  ASSERT_EQ(names.size(), 500U);
  EXPECT_EQ(names[0], "1000");
  EXPECT_EQ(names[499], "1499");
}

TEST_F(Files, ListDirectoriesAlone) {
  Names names;
  write("b/f", "");
  write("a/f", "");
  write("file", "");
  std::filesystem::create_symlink("a", directory_ + "/link");
  ASSERT_TRUE(source_->directories(".", names));
  ASSERT_EQ(names.size(), 2U);
  EXPECT_EQ(names[0], "a");
  EXPECT_EQ(names[1], "b");
  ASSERT_TRUE(source_->directories("a", names));
  EXPECT_EQ(names.size(), 0U);
  EXPECT_FALSE(source_->directories("file", names));
  EXPECT_EQ(source_->directories("none", names).error().code, Errc::unavailable);
}

// The link count of a cgroup shows whether it has children. If it has some, they are listed.
TEST_F(Files, ListCgroupsWhateverTheirLinkCount) {
  const auto cgroups = open_directory("/sys/fs/cgroup");
  Names listed, directories;
  std::vector<std::string> left = {"."};
  for (std::size_t i = 0; i < left.size() && i < 200; ++i) {
    if (!cgroups->directories(left[i], directories)) continue;
    std::size_t expected = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/sys/fs/cgroup/" + left[i])) {
      if (entry.is_directory() && !entry.is_symlink()) ++expected;
    }
    EXPECT_EQ(directories.size(), expected) << left[i];
    for (std::size_t j = 0; j < directories.size(); ++j) left.push_back(left[i] + "/" + std::string(directories[j]));
  }
  if (left.size() == 1) GTEST_SKIP() << "there are no cgroups here";
}

TEST_F(Files, ReadLinksUnresolved) {
  std::filesystem::create_symlink("/some/where", directory_ + "/l");
  EXPECT_EQ(source_->link("l", buffer_), "/some/where");
}

TEST_F(Files, ResolveAbsoluteLinksInTheirRoot) {
  write("root/etc/release", "inside");
  write("outside", "outside");
  std::filesystem::create_symlink("/etc/release", directory_ + "/root/absolute");
  std::filesystem::create_symlink("../outside", directory_ + "/root/up");
  const auto rooted = open_directory(directory_ + "/root", Resolve::in_root);
  EXPECT_EQ(rooted->read("absolute", buffer_), "inside");
  EXPECT_EQ(rooted->read("up", buffer_).error().sys, ENOENT);
  const auto plain = open_directory(directory_ + "/root", Resolve::as_is);
  EXPECT_EQ(plain->read("up", buffer_), "outside");
}

TEST_F(Files, MayBeginBeforeTheirDirectoryIsThere) {
  const auto late = open_directory(directory_ + "/late");
  EXPECT_EQ(late->read("f", buffer_).error().code, Errc::unavailable);
  write("late/f", "there");
  EXPECT_EQ(late->read("f", buffer_), "there");
}

TEST_F(Files, GiveADescriptorThatTheCallerCloses) {
  write("f", "abc");
  const auto opened = source_->open("f");
  ASSERT_TRUE(opened);
  const Fd fd(*opened);
  char byte = 0;
  EXPECT_EQ(::read(fd.get(), &byte, 1), 1);
  EXPECT_EQ(byte, 'a');
  EXPECT_NE(::fcntl(fd.get(), F_GETFD) & FD_CLOEXEC, 0);
}

// Each collector has sources of its own, most of them below the same few roots.
TEST(KernelRoots, AreOpenedOnceForAllSources) {
  const auto descriptors = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), std::filesystem::directory_iterator());
  };
  const auto first = open_directory("/proc");
  ASSERT_TRUE(first->is_kernel());
  const auto before = descriptors();
  {
    const auto second = open_directory("/proc");
    EXPECT_TRUE(second->is_kernel());
    EXPECT_EQ(descriptors(), before);
  }
  std::string buffer;
  EXPECT_TRUE(first->read("uptime", buffer)) << "the other one took nothing with it";
}

}  // namespace
}  // namespace vitalsd
