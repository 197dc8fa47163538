#include "collectors/storage/mount_asker.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace vitalsd {
namespace {

using Outcome = MountAsker::Outcome;
using std::chrono::steady_clock;

// Paths that begin with "/hung" answer only when the gate is opened.
class MountAskerTest : public testing::Test {
 protected:
  struct Gate {
    std::mutex mutex;
    std::condition_variable opened;
    bool open = false;
    std::atomic<int> inside = 0, most = 0, calls = 0;
  };

  ~MountAskerTest() override { let_go(); }
  void let_go() const {
    const std::lock_guard lock(gate->mutex);
    gate->open = true;
    gate->opened.notify_all();
  }
  void ask(steady_clock::duration patience) { asker.ask(questions, steady_clock::now() + patience, {}); }
  void add(std::string path, bool remote) {
    paths.push_back(std::make_unique<std::string>(std::move(path)));
    questions.push_back({.path = *paths.back(), .device = paths.size(), .remote = remote});
  }

  std::shared_ptr<Gate> gate = std::make_shared<Gate>();
  std::vector<std::unique_ptr<std::string>> paths;
  std::vector<MountAsker::Question> questions;
  MountAsker asker{[gate = gate](const char* path, struct statfs& out) {
    ++gate->calls;
    const std::string_view name(path);
    if (name.starts_with("/bad")) return EIO;
    if (name.starts_with("/hung")) {
      gate->most = std::max(gate->most.load(), ++gate->inside);
      std::unique_lock lock(gate->mutex);
      gate->opened.wait(lock, [&] { return gate->open; });
      --gate->inside;
    }
    out.f_blocks = name.size();
    return 0;
  }};
  static constexpr auto kAtOnce = std::chrono::milliseconds(50);  // no answer is expected
  static constexpr auto kLong = std::chrono::seconds(60);         // every answer that can come is expected
};

TEST_F(MountAskerTest, ReturnsNumbersAndErrors) {
  add("/good", false);
  add("/bad", false);
  ask(kLong);
  EXPECT_EQ(questions[0].outcome, Outcome::answered);
  EXPECT_EQ(questions[0].numbers.f_blocks, 5U);
  EXPECT_EQ(questions[1].outcome, Outcome::failed);
  EXPECT_EQ(questions[1].error, EIO);
}

TEST_F(MountAskerTest, HungMountsHoldOnlyAFewThreads) {
  for (int i = 0; i < 200; ++i) add("/hung" + std::to_string(i), true);
  for (int i = 0; i < 50; ++i) add("/good" + std::to_string(i), false);
  ask(std::chrono::milliseconds(300));
  for (std::size_t i = 0; i < 200; ++i) EXPECT_EQ(questions[i].outcome, Outcome::timed_out);
  // The others need no thread that hangs. They are asked again, however long that takes on this machine.
  ask(kAtOnce);
  questions.erase(questions.begin(), questions.begin() + 200);
  ask(kLong);
  for (const auto& question : questions) EXPECT_EQ(question.outcome, Outcome::answered);
  EXPECT_LE(asker.threads(), MountAsker::kMostThreads);
  EXPECT_LE(gate->most, static_cast<int>(MountAsker::kMostDoubtful));
}

TEST_F(MountAskerTest, AHungMountIsAskedAgainAfterAnswering) {
  add("/hung", false);
  add("/good", false);
  ask(kAtOnce);
  EXPECT_EQ(questions[0].outcome, Outcome::timed_out);
  ask(kLong);  // does not wait for it
  EXPECT_EQ(questions[0].outcome, Outcome::timed_out);
  EXPECT_EQ(questions[1].outcome, Outcome::answered);
  EXPECT_EQ(gate->inside, 1);
  let_go();
  while (gate->inside > 0) std::this_thread::yield();
  do {
    ask(kLong);
  } while (questions[0].outcome != Outcome::answered);
  EXPECT_EQ(questions[0].numbers.f_blocks, 5U);
}

TEST_F(MountAskerTest, MountsOfOneFileSystemTakeTurns) {
  for (int i = 0; i < 20; ++i) add("/hung" + std::to_string(i), false);
  for (auto& question : questions) question.device = 7;
  add("/good", false);
  ask(kAtOnce);
  ask(kLong);
  EXPECT_EQ(gate->inside, 1);
  EXPECT_EQ(questions.back().outcome, Outcome::answered);
}

TEST_F(MountAskerTest, ThousandsAreAnsweredByOneRound) {
  for (int i = 0; i < 5000; ++i) add("/good" + std::to_string(i), i % 2 == 0);
  ask(kLong);
  for (const auto& question : questions) ASSERT_EQ(question.outcome, Outcome::answered);
  EXPECT_EQ(gate->calls, 5000);
}

}  // namespace
}  // namespace vitalsd
