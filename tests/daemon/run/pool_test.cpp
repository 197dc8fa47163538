#include "daemon/run/pool.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <atomic>
#include <cerrno>
#include <functional>
#include <future>
#include <thread>
#include <vector>

namespace vitalsd {
namespace {

using namespace std::chrono_literals;

struct Task final : PoolTask {
  std::function<void()> work;
  int finished_calls = 0;
  void run(std::string&) noexcept override {
    if (work) work();
  }
  void finished() noexcept override { ++finished_calls; }
};

// Drains as the loop does: when the descriptor says so. False when nothing is told for ten seconds.
bool wait_for(Pool& pool, const Task& task) {
  while (task.finished_calls == 0) {
    pollfd entry{pool.finished_fd(), POLLIN, 0};
    if (::poll(&entry, 1, 10'000) != 1) return false;
    pool.drain();
  }
  return true;
}

TEST(Pool, RunsABatchAndTellsOfEach) {
  Pool pool(4);
  std::atomic<int> ran = 0;
  std::vector<Task> tasks(50);
  for (Task& task : tasks) {
    task.work = [&ran] { ++ran; };
    pool.submit(task);
  }
  EXPECT_EQ(ran, 0) << "nothing starts before the flush";
  pool.flush();
  for (Task& task : tasks) {
    ASSERT_TRUE(wait_for(pool, task));
    EXPECT_EQ(task.finished_calls, 1);
  }
  EXPECT_EQ(ran, 50);
  EXPECT_TRUE(pool.stop(std::chrono::steady_clock::now() + 10s));
}

TEST(Pool, ATaskThatHangsDelaysNobodyOnceReinforced) {
  std::promise<void> release;
  auto released = release.get_future().share();
  Pool pool(4);
  Task stuck;
  stuck.work = [released] { released.wait(); };
  Task quick;
  pool.submit(stuck);
  pool.submit(quick);
  pool.flush();
  pool.reinforce();
  EXPECT_TRUE(wait_for(pool, quick));
  EXPECT_EQ(stuck.finished_calls, 0);
  EXPECT_FALSE(pool.stop(std::chrono::steady_clock::now())) << "a thread still hangs";
  release.set_value();
  EXPECT_TRUE(pool.stop(std::chrono::steady_clock::now() + 10s));
  EXPECT_TRUE(wait_for(pool, stuck)) << "what was done is told even after the end";
}

TEST(Pool, WhoIsServedAtOnceIsTold) {
  std::promise<void> release;
  auto released = release.get_future().share();
  Pool pool(1);
  Task first;
  EXPECT_FALSE(pool.submit(first)) << "no thread is there yet";
  pool.flush();
  ASSERT_TRUE(wait_for(pool, first));
  const auto end = std::chrono::steady_clock::now() + 10s;
  for (bool served = false; !served;) {  // the thread has told of the task before it waits for another
    ASSERT_LT(std::chrono::steady_clock::now(), end);
    Task next;
    served = pool.submit(next);
    pool.flush();
    ASSERT_TRUE(wait_for(pool, next));
  }
  Task stuck, behind, later;
  stuck.work = [released] { released.wait(); };
  pool.submit(stuck);
  EXPECT_FALSE(pool.submit(behind)) << "another comes first";
  pool.flush();
  EXPECT_FALSE(pool.submit(later)) << "nobody waits any more";
  release.set_value();
  pool.flush();
  for (const Task* task : {&stuck, &behind, &later}) ASSERT_TRUE(wait_for(pool, *task));
  EXPECT_TRUE(pool.stop(std::chrono::steady_clock::now() + 10s));
}

TEST(Pool, ARefusedThreadIsAskedForAgain) {
  std::atomic<bool> refuses = true;
  std::atomic<int> asked = 0;
  Pool pool(4, [&](std::function<void()> body) {
    ++asked;
    return refuses ? EAGAIN : Pool::start_thread(std::move(body));
  });
  EXPECT_TRUE(pool.has_thread()) << "nothing was refused yet";
  Task task;
  pool.submit(task);
  pool.flush();
  EXPECT_EQ(asked, 1);
  EXPECT_FALSE(pool.has_thread());
  pool.reinforce();
  EXPECT_EQ(asked, 1) << "it waits before it asks again";
  EXPECT_EQ(pool.workers().running, 0U);
  EXPECT_EQ(pool.workers().wanted, 1U);
  EXPECT_EQ(pool.workers().refused, EAGAIN);
  refuses = false;
  const auto end = std::chrono::steady_clock::now() + 10s;
  while (pool.workers().refused != 0 && std::chrono::steady_clock::now() < end) {
    pool.reinforce();
    std::this_thread::yield();
  }
  EXPECT_TRUE(wait_for(pool, task));
  EXPECT_EQ(pool.workers().refused, 0);
  EXPECT_EQ(pool.workers().running, pool.workers().wanted);
  EXPECT_TRUE(pool.stop(std::chrono::steady_clock::now() + 10s));
}

TEST(Pool, ATaskThatNoThreadHasBegunIsTakenBack) {
  Pool pool(4, [](const std::function<void()>&) { return EPERM; });
  Task first, second, third;
  for (Task* task : {&first, &second}) pool.submit(*task);
  pool.flush();
  pool.submit(third);
  EXPECT_TRUE(pool.withdraw(third)) << "before the flush";
  EXPECT_TRUE(pool.withdraw(second)) << "the last of the line";
  EXPECT_FALSE(pool.withdraw(second));
  pool.submit(third);
  pool.flush();
  EXPECT_TRUE(pool.withdraw(first)) << "the first of the line";
  EXPECT_TRUE(pool.withdraw(third));
  EXPECT_TRUE(pool.stop(std::chrono::steady_clock::now()));
  EXPECT_FALSE(pool.drain()) << "nothing is left in it";
}

TEST(Pool, TheLimitOfThreadsHolds) {
  std::promise<void> release;
  auto released = release.get_future().share();
  std::atomic<int> running = 0;
  Pool pool(2);
  std::vector<Task> tasks(5);
  for (Task& task : tasks) {
    task.work = [&running, released] {
      ++running;
      released.wait();
    };
    pool.submit(task);
  }
  pool.flush();
  for (int i = 0; i < 20; ++i) pool.reinforce();
  while (running < 2) std::this_thread::yield();
  EXPECT_EQ(running, 2);
  release.set_value();
  for (Task& task : tasks) EXPECT_TRUE(wait_for(pool, task));
}

}  // namespace
}  // namespace vitalsd
