// What the system refused the watching of kills, and gave later: real inotify over ordinary files.
#include <gtest/gtest.h>
#include <poll.h>
#include <stdlib.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "collectors/cgroup/memory_events.h"
#include "tests/fakes/as_kernel.h"
#include "tests/fakes/few_descriptors.h"

namespace vitalsd {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

class MemoryEventsLack : public testing::Test {
 protected:
  MemoryEventsLack() {
    fs::create_directory(root + "/a");
    kills(0);
  }
  ~MemoryEventsLack() override { fs::remove_all(root); }

  static std::string temporary() {
    std::string pattern = testing::TempDir() + "/cgroups_XXXXXX";
    return ::mkdtemp(pattern.data());
  }
  void kills(int count) const {
    std::ofstream(root + "/a/memory.events") << "oom 0\noom_kill " + std::to_string(count) + "\n";
  }
  void round() {
    events->renew(now);
    events->begin(files, true);
    events->watch(files, "/a");
    events->end(now, now);
  }
  bool readable() const {
    pollfd polled{.fd = events->fd(), .events = POLLIN, .revents = 0};
    return ::poll(&polled, 1, 0) == 1;
  }

  const std::string root = temporary();
  AsKernel files{root};
  std::optional<MemoryEvents> events;
  std::chrono::steady_clock::time_point now{};
};

TEST_F(MemoryEventsLack, AQueueThatWasRefusedIsAskedForAgain) {
  {
    const FewDescriptors few(2);
    events.emplace();
  }
  events->begin(files, true);
  events->watch(files, "/a");
  events->end(now, now);
  ASSERT_TRUE(events->lack());
  EXPECT_EQ(events->lack()->sys, EMFILE);
  kills(1);
  EXPECT_FALSE(readable());
  round();
  EXPECT_FALSE(events->lack());
  EXPECT_FALSE(readable());
  kills(2);
  EXPECT_TRUE(readable());
}

TEST_F(MemoryEventsLack, AWatchThatWasRefusedIsAskedForAgain) {
  events.emplace();
  round();
  events->left("/a");  // another has its name
  {
    now += 1s;
    events->begin(files, true);
    const FewDescriptors few(0);
    events->watch(files, "/a");
    events->end(now, now);
  }
  ASSERT_TRUE(events->lack());
  now += 1s;
  round();
  EXPECT_FALSE(events->lack());
  kills(1);
  EXPECT_TRUE(readable());
}

}  // namespace
}  // namespace vitalsd
