#include "core/state_file.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace vitalsd {
namespace {

namespace fs = std::filesystem;

class StateFileTest : public testing::Test {
 protected:
  StateFileTest() {
    std::string pattern = testing::TempDir() + "/state-XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
  }
  ~StateFileTest() override { fs::remove_all(directory_); }

  std::string contents(const std::string& name) const {
    std::ifstream in(directory_ + "/" + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void put(const std::string& name, const std::string& text) const {
    std::ofstream(directory_ + "/" + name, std::ios::binary) << text;
  }
  Errc failure() {
    const auto loaded = file().load(buffer_);
    return loaded ? Errc::io : loaded.error().code;
  }
  StateFile file(unsigned version = 1) const { return {directory_, "groups", version}; }

  std::string directory_, buffer_;
};

TEST(Crc32, IsThatOfTheStandard) {
  EXPECT_EQ(crc32("123456789"), 0xCBF43926U);
  EXPECT_EQ(crc32(""), 0U);
}

TEST_F(StateFileTest, GivesBackWhatWasSaved) {
  for (const std::string& body : {std::string("a\nb\0c", 5), std::string(), std::string(100'000, 'x')}) {
    ASSERT_TRUE(file().save(body, body.size() > 10));
    const auto loaded = file().load(buffer_);
    ASSERT_TRUE(loaded);
    EXPECT_TRUE(*loaded == body);
  }
  EXPECT_FALSE(fs::exists(directory_ + "/groups.tmp"));
  struct stat info{};
  ASSERT_EQ(::stat((directory_ + "/groups").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
}

TEST_F(StateFileTest, MakesItsDirectory) {
  ASSERT_TRUE(StateFile(directory_ + "/new", "groups", 1).save("x", true));
  EXPECT_TRUE(fs::exists(directory_ + "/new/groups"));
}

TEST_F(StateFileTest, IsUnavailableWhenMissingOrOfAnotherVersion) {
  EXPECT_EQ(failure(), Errc::unavailable);
  ASSERT_TRUE(file(2).save("x", false));
  EXPECT_EQ(failure(), Errc::unavailable);
  EXPECT_TRUE(fs::exists(directory_ + "/groups")) << "a newer daemon's file is not ours to remove";
}

TEST_F(StateFileTest, SetsAsideWhatIsDamaged) {
  ASSERT_TRUE(file().save("some body", false));
  const std::string whole = contents("groups");
  // Cut at every length, then with one wrong bit at every place of the body.
  for (std::size_t size = 0; size < whole.size(); ++size) {
    put("groups", whole.substr(0, size));
    EXPECT_EQ(failure(), Errc::malformed) << size;
    EXPECT_EQ(contents("groups.damaged"), whole.substr(0, size));
    EXPECT_FALSE(fs::exists(directory_ + "/groups"));
  }
  for (std::size_t at = whole.find('\n') + 1; at < whole.size(); ++at) {
    std::string wrong = whole;
    wrong[at] = static_cast<char>(wrong[at] ^ 1);
    put("groups", wrong);
    EXPECT_EQ(failure(), Errc::malformed) << at;
  }
}

TEST_F(StateFileTest, ReportsWhatCannotBeWritten) {
  const StateFile none("/proc/nonexistent", "groups", 1);
  const auto saved = none.save("x", false);
  ASSERT_FALSE(saved);
  EXPECT_EQ(saved.error().sys, ENOENT);
  ASSERT_EQ(::mkfifo((directory_ + "/groups").c_str(), 0600), 0);
  EXPECT_EQ(failure(), Errc::malformed) << "and does not wait for a writer";
}

// If the writer is killed at any moment, there is always a complete file.
TEST_F(StateFileTest, SurvivesBeingKilledWhileItWrites) {
  ASSERT_TRUE(file().save("0 ", false));
  for (int i = 0; i < 200; ++i) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      for (unsigned n = 1;; ++n) {
        const std::string body = std::to_string(n) + " " + std::string(n % 7 * 20'000, 'x');
        if (!file().save(body, n % 16 == 0)) ::_exit(1);
      }
    }
    ::usleep(static_cast<useconds_t>(i % 40 * 25));
    ::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
    const auto loaded = file().load(buffer_);
    ASSERT_TRUE(loaded) << i << ": " << describe(loaded.error());
    const unsigned long n = std::strtoul(std::string(*loaded).c_str(), nullptr, 10);
    EXPECT_EQ(loaded->size(), std::to_string(n).size() + 1 + n % 7 * (n == 0 ? 0 : 20'000));
  }
}

}  // namespace
}  // namespace vitalsd
