#include "collectors/kit/patient_thread.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

namespace vitalsd {
namespace {

using std::chrono::steady_clock;
constexpr auto kLong = std::chrono::seconds(60);
constexpr auto kAtOnce = std::chrono::milliseconds(20);

// Work that hangs until it is released.
struct Hanging {
  std::mutex mutex;
  std::condition_variable changed;
  bool open = false;
  int calls = 0, finished = 0;

  void let_go() {
    const std::lock_guard lock(mutex);
    open = true;
    changed.notify_all();
  }
  static void work(void* with) {
    auto& self = *static_cast<Hanging*>(with);
    std::unique_lock lock(self.mutex);
    ++self.calls;
    self.changed.wait(lock, [&] { return self.open; });
    ++self.finished;
    self.changed.notify_all();
  }
  void wait_finished(int times) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return finished == times; });
  }
};

TEST(PatientThread, DoesWorkAgainAndAgain) {
  PatientThread thread;
  const auto work = std::make_shared<Hanging>();
  work->let_go();
  for (int i = 1; i <= 3; ++i) {
    EXPECT_EQ(thread.run(work, Hanging::work, steady_clock::now() + kLong), PatientThread::Outcome::done);
    EXPECT_FALSE(thread.busy());
    EXPECT_EQ(work->finished, i);
  }
}

TEST(PatientThread, BeginsNothingWhileWorkHangs) {
  PatientThread thread;
  const auto work = std::make_shared<Hanging>();
  EXPECT_EQ(thread.run(work, Hanging::work, steady_clock::now() + kAtOnce), PatientThread::Outcome::late);
  EXPECT_TRUE(thread.busy());
  EXPECT_EQ(thread.run(work, Hanging::work, steady_clock::now() + kLong), PatientThread::Outcome::late);
  work->let_go();
  work->wait_finished(1);
  while (thread.busy()) {
  }
  EXPECT_EQ(thread.run(work, Hanging::work, steady_clock::now() + kLong), PatientThread::Outcome::done);
  EXPECT_EQ(work->calls, 2);
}

TEST(PatientThread, MayBeLeftWithHangingWork) {
  const auto work = std::make_shared<Hanging>();
  {
    PatientThread thread;
    EXPECT_EQ(thread.run(work, Hanging::work, steady_clock::now() + kAtOnce), PatientThread::Outcome::late);
  }
  work->let_go();
  work->wait_finished(1);
}

}  // namespace
}  // namespace vitalsd
