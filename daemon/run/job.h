// One collector in the daemon: its instance, its two blocks, the run that is on the pool, and what is known of it.
#pragma once

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "core/collector.h"
#include "daemon/config/config.h"
#include "daemon/run/pool.h"

namespace vitalsd {

using SteadyTime = std::chrono::steady_clock::time_point;

/// What one run could not read, copied out of it.
struct PartialFault {
  std::string entity;
  std::string_view field;
  Error error;
  std::string_view remedy;
};

/// What one run saw happen, copied out of it.
struct Happened {
  EventKind kind{};
  std::string entity, detail;
};

/// How a run ended, as the scheduler's observer learns it.
struct RunReport {
  std::optional<Error> error;  ///< none: success
  std::chrono::nanoseconds duration{};
  std::span<const PartialFault> faults;
  std::span<const Happened> events = {};
  bool partial = false;  ///< see CollectContext
};

class Job final : public PoolTask, private FaultSink, private EventSink, public std::enable_shared_from_this<Job> {
 public:
  enum class State : std::uint8_t { waiting, running, stuck };

  /// A run must not touch the loop: `on_finished` is called there once it has ended.
  Job(boost::asio::io_context& loop, std::string name, CollectorConfig config, std::unique_ptr<Collector> collector,
      Host host, std::function<void(Job&)> on_finished);

  const std::string& name() const noexcept { return name_; }
  const CollectorConfig& config() const noexcept { return config_; }
  State state() const noexcept { return state_; }
  /// Only to ask for what any thread may read.
  const Collector& collector() const noexcept { return *collector_; }
  /// Asks a collector that had no descriptor to wait for once more. True when it has one now, which is in `wake` then.
  bool renew_wake();
  /// See Collector::woken().
  bool woken() noexcept { return collector_->woken(); }
  /// The time from tick to tick, as the collector said when its last run had ended. See Collector::pace().
  /// Stretched by `slowdown`.
  std::chrono::nanoseconds pace() const noexcept { return pace_ * std::max(slowdown, 1U); }
  /// How many times less often than configured it runs, by its own choice or the budget's.
  double stretch() const noexcept {
    const double own = std::chrono::duration<double>(pace_) / std::chrono::duration<double>(config_.interval);
    return std::max(1.0, own) * std::max(slowdown, 1U);
  }
  /// How many ticks of the configured interval its own choice leaves out after each run.
  std::uint64_t left_out() const noexcept {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(pace_ / config_.interval, 1) - 1);
  }
  /// A scrape first runs what is older than this; one that is slowed down is not hurried by scrapes.
  std::chrono::nanoseconds fresh() const noexcept {
    return slowdown > 1 ? std::max(config_.fresh, pace()) : config_.fresh;
  }

  /// Hands one run to the pool, which the collector alone has asked for if it was `woken`. Only while waiting. Returns
  /// as Pool::submit().
  bool start(Pool& pool, bool woken);
  /// Makes one run here and now, on the loop, where nothing in it can wait: the collector says so (see
  /// CollectorSpec::never_waits), and its last run was short, succeeded, and opened no file. False: there was no run,
  /// and start() is to make it. `on_finished` is not called. Only while waiting.
  bool run_here(std::string& scratch);
  /// The same where no thread is to be had: whatever its last run was like, and files may be opened. False: it may
  /// wait.
  bool run_without_thread(std::string& scratch);
  bool never_waits() const noexcept { return never_waits_; }
  /// Takes back a run that no thread has begun, as if start() had not been called; false if one has.
  bool withdraw(Pool& pool);
  /// Asks a run that is under way to end, and remembers that it is late.
  void give_up();
  /// The finished block of the last run, or nothing if the run failed or the collector was given up.
  std::shared_ptr<const Block> take_block();
  RunReport report() const;

  // Facts for the telemetry, all of them of the loop.
  struct Facts {
    bool success = false;                 ///< of the last run; finding nothing to report is no failure
    bool unavailable = false;             ///< the last run found that this machine has nothing of it
    bool ran = false;                     ///< had its first run or its timeout
    std::uint64_t runs = 0;               ///< ended, well or not, or given up
    std::uint64_t skipped = 0;            ///< ticks without a run
    std::chrono::nanoseconds duration{};  ///< of the last run
    std::chrono::nanoseconds cpu{};       ///< time on a CPU of all runs
    std::optional<SteadyTime> collected;  ///< when the last good run began
    std::string error;                    ///< of the last run, for people
    std::string lack;                     ///< what the system had none of in the last run, for people; empty: nothing
  } facts;
  const bool speaks_for_node_exporter;  ///< it carries node_* families: their state is published under node_exporter's
                                        ///< names too

  // The scheduler's own working state.
  boost::asio::steady_timer timer;  ///< the next tick, or the deadline of the run
  boost::asio::steady_timer rest;   ///< pause between two wake-ups
  std::optional<boost::asio::posix::stream_descriptor> wake;
  SteadyTime due{};
  SteadyTime started{};
  std::uint32_t slowdown = 0;  ///< how many times less often than configured it runs; 0: there is no budget
  bool kicked = false;
  bool removed = false;
  std::vector<std::function<void()>> waiters;  ///< called and dropped when the run has ended or was given up
  std::vector<std::function<void()>> later;    ///< the waiters of the run after the one under way

 private:
  void note_lack();
  void prepare(bool woken);
  void conclude();
  void run(std::string& scratch) noexcept override;
  void finished() noexcept override;
  void partial(std::string_view entity, std::string_view field, const Error& error, std::string_view remedy) override;
  void happened(const Event& event) override;

  std::string name_;
  CollectorConfig config_;
  std::unique_ptr<Collector> collector_;
  Host host_;
  std::chrono::nanoseconds pace_;
  std::function<void(Job&)> on_finished_;
  State state_ = State::waiting;
  bool never_waits_;
  bool settled_ = false;  ///< the last run leaves nothing to expect of the next one that could wait

  // Of the run; the pool's thread owns these between start() and finished().
  std::shared_ptr<Job> self_;
  std::shared_ptr<Block> filling_;
  std::shared_ptr<Block> spare_;
  std::stop_source stop_;
  bool woken_ = false, partial_ = false;  ///< see CollectContext
  std::optional<Error> error_;
  std::chrono::nanoseconds duration_{};
  std::chrono::nanoseconds cpu_{};
  std::vector<PartialFault> faults_;
  std::size_t fault_count_ = 0;
  std::vector<Happened> events_;
};

/// By name.
using Jobs = std::map<std::string, std::shared_ptr<Job>, std::less<>>;

}  // namespace vitalsd
