#include "daemon/run/pool.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <new>
#include <system_error>
#include <thread>
#include <utility>

#include "core/fd.h"

namespace vitalsd {
namespace {

using Clock = std::chrono::steady_clock;

// How long finished tasks may wait for others of their batch before the loop is woken: waking it costs more than a run.
constexpr auto kGather = std::chrono::milliseconds(2);

constexpr std::chrono::milliseconds kFirstPause{100};  // after a thread was refused
constexpr std::chrono::milliseconds kLongestPause{5000};

}  // namespace

struct Pool::State {
  struct Queue {
    PoolTask* first = nullptr;
    PoolTask* last = nullptr;
    void push(PoolTask& task) {
      task.next_ = nullptr;
      (first == nullptr ? first : last->next_) = &task;
      last = &task;
    }
    void append(Queue& other) {
      if (other.first == nullptr) return;
      (first == nullptr ? first : last->next_) = other.first;
      last = other.last;
      other.first = nullptr;
    }
    bool remove(const PoolTask& task) {
      PoolTask* before = nullptr;
      for (PoolTask* at = first; at != nullptr; before = std::exchange(at, at->next_)) {
        if (at != &task) continue;
        (before == nullptr ? first : before->next_) = at->next_;
        if (last == at) last = before;
        return true;
      }
      return false;
    }
    PoolTask* pop() {
      PoolTask* task = first;
      if (task != nullptr) first = task->next_;
      return task;
    }
  };

  std::mutex mutex;
  std::condition_variable work;
  std::condition_variable ended;
  Queue staged;  // of the loop alone, without the lock
  Queue waiting;
  Queue done;
  std::size_t threads = 0;
  std::size_t idle = 0;
  std::size_t max_threads;
  bool stopping = false;
  const Starter starter;
  int refused = 0;            // errno of the last thread that was asked for
  Clock::time_point again{};  // when a refused one is asked for again
  std::chrono::milliseconds pause{kFirstPause};
  Clock::time_point unannounced{};  // when the oldest finished task was done for which the loop has not been woken
  Fd event{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};

  State(std::size_t max, Starter start) : max_threads(max), starter(std::move(start)) {
    if (!event) throw std::system_error(errno, std::generic_category(), "eventfd");
  }

  // Wakes the loop; without the lock, which it takes first.
  void wake_loop() const {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(event.get(), &one, sizeof one);
  }

  // One thread; holds its State for as long as it lives.
  static void serve(const std::shared_ptr<State>& self) {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);  // signals are the loop's: none may interrupt a read here
    std::string scratch;
    std::unique_lock lock(self->mutex);
    while (!self->stopping) {
      PoolTask* task = self->waiting.pop();
      if (task == nullptr) {
        if (std::exchange(self->unannounced, Clock::time_point{}) != Clock::time_point{}) {
          lock.unlock();
          self->wake_loop();
          lock.lock();
          continue;
        }
        if (self->idle > 0) break;  // one spare thread is enough
        ++self->idle;
        self->work.wait(lock);
        --self->idle;
        continue;
      }
      const bool is_due = self->unannounced != Clock::time_point{} && Clock::now() - self->unannounced > kGather;
      if (is_due) self->unannounced = {};
      lock.unlock();
      if (is_due) self->wake_loop();
      task->run(scratch);
      lock.lock();
      self->done.push(*task);
      if (self->unannounced == Clock::time_point{}) self->unannounced = Clock::now();
    }
    if (self->unannounced != Clock::time_point{}) self->wake_loop();
    --self->threads;
    self->ended.notify_all();
  }

  // Under the lock, which the new thread waits for. False: the limit is reached, or the system refuses.
  bool add_thread(const std::shared_ptr<State>& self) {
    if (threads >= max_threads || stopping) return false;
    const auto now = Clock::now();
    if (refused != 0 && now < again) return false;
    ++threads;
    refused = starter([self] { serve(self); });
    if (refused == 0) {
      pause = kFirstPause;
      return true;
    }
    --threads;
    again = now + pause;
    pause = std::min(pause * 2, kLongestPause);
    return false;
  }
};

int Pool::start_thread(std::function<void()> body) {
  try {
    std::thread(std::move(body)).detach();
    return 0;
  } catch (const std::system_error& error) {
    return error.code().value();
  } catch (const std::bad_alloc&) {
    return ENOMEM;
  }
}

Pool::Pool(std::size_t max_threads, Starter starter)
    : state_(std::make_shared<State>(max_threads, std::move(starter))) {}

Pool::~Pool() { stop(Clock::now()); }

int Pool::finished_fd() const noexcept { return state_->event.get(); }

bool Pool::submit(PoolTask& task) {
  const bool first = state_->staged.first == nullptr;
  state_->staged.push(task);
  if (!first) return false;
  const std::lock_guard lock(state_->mutex);
  return state_->waiting.first == nullptr && state_->idle > 0;
}

void Pool::flush() {
  if (state_->staged.first == nullptr) return;
  std::unique_lock lock(state_->mutex);
  const bool first = state_->waiting.first == nullptr;
  state_->waiting.append(state_->staged);
  // A thread that is awake already finds what is added to the line; one that is woken takes the lock first.
  if (state_->idle > 0 && first) {
    lock.unlock();
    state_->work.notify_one();
  } else if (state_->threads == 0) {
    state_->add_thread(state_);
  }
}

bool Pool::drain() {
  // Read first: what wakes the loop after this is a task that is taken below, or a wake-up too many.
  std::uint64_t count = 0;
  [[maybe_unused]] const auto got = ::read(state_->event.get(), &count, sizeof count);
  PoolTask* task = nullptr;
  {
    const std::lock_guard lock(state_->mutex);
    task = std::exchange(state_->done.first, nullptr);
    state_->unannounced = {};
  }
  const bool any = task != nullptr;
  while (task != nullptr) {
    PoolTask* next = task->next_;  // finished() may submit or destroy the task
    task->finished();
    task = next;
  }
  return any;
}

void Pool::reinforce() {
  const std::lock_guard lock(state_->mutex);
  if (state_->waiting.first == nullptr) {
    if (state_->refused != 0) state_->add_thread(state_);  // one too many ends by itself
    return;
  }
  if (state_->idle > 0) {
    state_->work.notify_one();
  } else {
    state_->add_thread(state_);
  }
}

bool Pool::has_thread() {
  const std::lock_guard lock(state_->mutex);
  return state_->refused == 0 || state_->idle > 0 || state_->add_thread(state_);
}

bool Pool::withdraw(PoolTask& task) {
  if (state_->staged.remove(task)) return true;
  const std::lock_guard lock(state_->mutex);
  return state_->waiting.remove(task);
}

Pool::Workers Pool::workers() const {
  const std::lock_guard lock(state_->mutex);
  return {state_->threads, state_->threads + (state_->refused != 0 ? 1 : 0), state_->refused};
}

bool Pool::stop(Clock::time_point deadline) {
  std::unique_lock lock(state_->mutex);
  state_->stopping = true;
  state_->work.notify_all();
  if (!state_->ended.wait_until(lock, deadline, [this] { return state_->threads == 0; })) return false;
  // What will not run any more is finished all the same: its owner waits for that to let go of it.
  state_->done.append(state_->waiting);
  state_->done.append(state_->staged);
  return true;
}

}  // namespace vitalsd
