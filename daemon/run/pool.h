// The few threads on which everything runs that may block or burn CPU. Tasks are submitted and finished on the loop.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace vitalsd {

/// Work for the pool. The owner keeps it alive from submit() until finished() was called.
class PoolTask {
 public:
  virtual ~PoolTask() = default;
  virtual void run(std::string& scratch) noexcept = 0;  ///< on a pool thread, whose buffer is `scratch`
  virtual void finished() noexcept = 0;                 ///< on the loop, from Pool::drain()

 private:
  friend class Pool;
  PoolTask* next_ = nullptr;
};

/// A batch of short tasks is served by one thread and reported with one wake-up of the loop. A task that takes long
/// does not delay others: reinforce() adds threads, up to the limit, and they end when there is nothing left for them.
class Pool {
 public:
  /// Starts a thread with this body, or returns the errno for which there is none.
  using Starter = std::function<int(std::function<void()>)>;
  static int start_thread(std::function<void()> body);

  /// How many threads there are and would be if the system gave every one that was asked for; `refused` is the errno of
  /// the last request, 0 when it was granted or there was none.
  struct Workers {
    std::size_t running = 0, wanted = 0;
    int refused = 0;
  };

  explicit Pool(std::size_t max_threads, Starter starter = &Pool::start_thread);
  /// Threads stuck in a task are left behind, with the state they need.
  ~Pool();

  /// Puts the task in line; it starts with the next flush(), so that a batch wakes one thread once. True when a thread
  /// waits that will take it before any other: it will need no reinforce().
  bool submit(PoolTask& task);
  void flush();
  /// Readable (an eventfd) when finished tasks wait for drain().
  int finished_fd() const noexcept;
  /// Calls finished() for each task that has run. True when there were any.
  bool drain();
  /// Gives waiting tasks another thread. To be called when some have waited for a few milliseconds.
  void reinforce();
  /// Whether a task that is submitted now finds a thread: one is waiting or can be had at once. A refused thread is
  /// asked for again after 100 ms at the soonest, then after twice as long each time, at most 5 s.
  bool has_thread();
  /// Takes back a task that no thread has begun; false if one has.
  bool withdraw(PoolTask& task);
  Workers workers() const;
  /// No further tasks are run; true when all threads have ended by the deadline. Then drain() once more.
  bool stop(std::chrono::steady_clock::time_point deadline);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace vitalsd
