#include "daemon/run/pool.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <condition_variable>
#include <csignal>
#include <mutex>
#include <system_error>
#include <thread>

#include "core/fd.h"

namespace vitalsd {
namespace {

using Clock = std::chrono::steady_clock;

// How long finished tasks may wait for others of their batch before the loop is told: waking it costs more than a run.
constexpr auto kGather = std::chrono::milliseconds(2);

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
  Clock::time_point untold{};  // when the oldest finished task was done that the loop has not been told of
  Fd event{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};

  explicit State(std::size_t max) : max_threads(max) {
    if (!event) throw std::system_error(errno, std::generic_category(), "eventfd");
  }

  // Wakes the loop; without the lock, which it takes first.
  void tell() const {
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
        if (std::exchange(self->untold, Clock::time_point{}) != Clock::time_point{}) {
          lock.unlock();
          self->tell();
          lock.lock();
          continue;
        }
        if (self->idle > 0) break;  // one spare thread is enough
        ++self->idle;
        self->work.wait(lock);
        --self->idle;
        continue;
      }
      const bool is_due = self->untold != Clock::time_point{} && Clock::now() - self->untold > kGather;
      if (is_due) self->untold = {};
      lock.unlock();
      if (is_due) self->tell();
      task->run(scratch);
      lock.lock();
      self->done.push(*task);
      if (self->untold == Clock::time_point{}) self->untold = Clock::now();
    }
    if (self->untold != Clock::time_point{}) self->tell();
    --self->threads;
    self->ended.notify_all();
  }

  void add_thread(const std::shared_ptr<State>& self) {
    if (threads >= max_threads) return;
    ++threads;
    try {
      std::thread(&State::serve, self).detach();
    } catch (const std::system_error&) {
      --threads;  // the limit of the system; the task waits for a thread that there is
    }
  }
};

Pool::Pool(std::size_t max_threads) : state_(std::make_shared<State>(max_threads)) {}

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
  // Read first: what is told after this is a task that is taken below, or a wake-up too many.
  std::uint64_t count = 0;
  [[maybe_unused]] const auto got = ::read(state_->event.get(), &count, sizeof count);
  PoolTask* task = nullptr;
  {
    const std::lock_guard lock(state_->mutex);
    task = std::exchange(state_->done.first, nullptr);
    state_->untold = {};
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
  if (state_->waiting.first == nullptr) return;
  if (state_->idle > 0) {
    state_->work.notify_one();
  } else {
    state_->add_thread(state_);
  }
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
