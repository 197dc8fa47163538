// Runs the collectors: one coroutine each on the loop, one run at a time each, on the pool if anything in it can wait.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "daemon/run/job.h"
#include "daemon/run/pool.h"
#include "daemon/run/store.h"

namespace vitalsd {

/// Lives on the loop; must outlive it.
class Scheduler {
 public:
  /// Called after each run that has ended, or that has reached its timeout (then `report.error` is timed_out).
  using Observer = std::function<void(const Job& job, const RunReport& report)>;

  Scheduler(boost::asio::io_context& loop, Pool& pool, Store& store, const Clock& clock, Observer observer);

  /// What a configuration asks for; built before anything changes.
  struct Plan {
    Jobs jobs;
    std::shared_ptr<NetlinkSource> netlink = {};  ///< one for all
  };
  /// Builds the jobs of `config`; those whose configuration did not change are the running ones, with their state.
  /// Throws OptionError.
  Plan prepare(const Config& config, const Config* running);
  /// Swaps the plan in: jobs that are not in it end, new ones start with a run at once.
  void apply(Plan plan);

  /// Runs what is older than its `fresh` among the named collectors (all when empty) and waits for it, at most
  /// `budget`, and each at most its own timeout. Concurrent callers share the runs. With `all`, whatever their age.
  boost::asio::awaitable<void> refresh(std::vector<std::string> names, std::chrono::nanoseconds budget,
                                       bool all = false);

  const Jobs& jobs() const noexcept { return jobs_; }
  /// Each collector has had its first run or its timeout.
  bool ready() const;
  /// Called whenever ready() may have become true.
  void on_first_runs(std::function<void()> callback) { on_first_runs_ = std::move(callback); }
  /// Ends all jobs; runs on the pool are asked to stop.
  void stop();

 private:
  boost::asio::awaitable<void> drive(std::shared_ptr<Job> job);
  boost::asio::awaitable<void> watch(std::shared_ptr<Job> job);
  boost::asio::awaitable<void> receive_finished();
  bool run_here(Job& job);
  bool run_without_thread(Job& job);
  bool start(Job& job, bool woken);
  void kick(Job& job);
  void remove(Job& job);
  void take_result(Job& job);
  void run_ended(Job& job);
  void run_late(Job& job);
  void first_run(Job& job);
  void count_run(Job& job, const RunReport& report);
  static void release_waiters(Job& job);
  static void release_all(Job& job);
  static void keep_waiters(Job& job);

  boost::asio::io_context& loop_;
  Pool& pool_;
  Store& store_;
  const Clock& clock_;
  Observer observer_;
  std::function<void()> on_first_runs_;
  Jobs jobs_;
  std::shared_ptr<NetlinkSource> netlink_;
  boost::asio::posix::stream_descriptor finished_;
  std::string scratch_;  ///< of runs on the loop
  bool flushing_ = false;
  bool stopped_ = false;
};

}  // namespace vitalsd
