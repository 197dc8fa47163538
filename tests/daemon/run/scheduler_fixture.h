// A scheduler on the test's own thread, and collectors that do what the test says.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <cerrno>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "daemon/run/scheduler.h"

namespace vitalsd {
namespace asio = boost::asio;
using namespace std::chrono_literals;

// Collectors whose behaviour the test sets while they run; they live in the registry like any other.
struct Script {
  std::atomic<int> runs = 0;
  std::atomic<int> at_once = 0;
  std::atomic<bool> overlapped = false;
  std::atomic<bool> stop_seen = false;
  std::atomic<std::thread::id> thread;
  int wake = -1;
  std::chrono::nanoseconds pace{};  ///< of its own, where it is more than the interval

  using Body = std::function<Result<void>(CollectContext&, Sink&)>;
  void does(Body next) {
    const std::lock_guard lock(mutex);
    body = std::move(next);
  }
  Result<void> perform(CollectContext& context, Sink& sink) {
    std::unique_lock lock(mutex);
    const Body current = body;  // a run keeps its own: the test may set another meanwhile
    lock.unlock();
    return current ? current(context, sink) : Result<void>{};
  }

 private:
  std::mutex mutex;
  Body body;
};

/// Holds runs up until the test opens it, or has ended.
class Gate {
 public:
  void open() { promise_.set_value(); }
  /// For a run that does more than wait: to be captured.
  std::shared_future<void> opened() const { return opened_; }
  Script::Body holds() const {
    return [opened = opened_](CollectContext&, Sink&) -> Result<void> {
      opened.wait();
      return {};
    };
  }

 private:
  std::promise<void> promise_;
  std::shared_future<void> opened_ = promise_.get_future().share();
};

inline Script* script_a = nullptr;
inline Script* script_b = nullptr;
inline Script* script_c = nullptr;

inline constexpr Family kValue{"test_value", Kind::gauge, "A value."};

template <Script** script>
class Scripted final : public Collector {
 public:
  Result<void> collect(CollectContext& context, Sink& sink) override {
    Script& s = **script;
    ++s.runs;
    s.thread = std::this_thread::get_id();
    if (++s.at_once > 1) s.overlapped = true;
    auto result = s.perform(context, sink);
    if (result) sink.add(kValue, s.runs);
    --s.at_once;
    return result;
  }
  int wake_fd() const noexcept override { return (*script)->wake; }
  std::chrono::nanoseconds pace(std::chrono::nanoseconds interval) const noexcept override {
    return std::max(interval, (*script)->pace);
  }
};
inline const Registration kA{
    {.name = "test_a", .enabled = false, .help = "scripted", .make = make_collector<Scripted<&script_a>>}};
inline const Registration kB{
    {.name = "test_b", .enabled = false, .help = "scripted", .make = make_collector<Scripted<&script_b>>}};

inline const Registration kC{{.name = "test_c",
                              .enabled = false,
                              .help = "scripted, and never waits",
                              .never_waits = true,
                              .make = make_collector<Scripted<&script_c>>}};

class SchedulerTest : public testing::Test {
 protected:
  SchedulerTest() {
    script_a = &a;
    script_b = &b;
    script_c = &c;
  }
  ~SchedulerTest() override {
    scheduler.stop();
    const auto end = std::chrono::steady_clock::now() + 10s;
    while (!pool.stop(std::chrono::steady_clock::now()) && std::chrono::steady_clock::now() < end)
      std::this_thread::yield();
    pool.drain();
    loop.poll();
  }

  static Config config(std::chrono::nanoseconds interval, std::chrono::nanoseconds timeout,
                       std::chrono::nanoseconds fresh) {
    Config config;
    for (const auto* name : {"test_a", "test_b"}) config.collectors[name] = {true, interval, timeout, fresh, {}};
    config.paths.procfs = config.paths.sysfs = config.paths.rootfs = config.paths.cgroupfs = "/nonexistent";
    return config;
  }
  // With the one that never waits alone, over the real /proc; it runs when somebody asks.
  static Config alone() {
    Config config;
    config.collectors["test_c"] = {true, 1h, 10s, 0s, {}};
    config.paths.procfs = "/proc";
    config.paths.sysfs = config.paths.rootfs = config.paths.cgroupfs = "/nonexistent";
    return config;
  }
  // One scrape, from which the thread that ran test_c is told.
  bool scrape() {
    const auto done = refresh();
    return turn_until([&] { return *done; });
  }
  bool ran_on_the_loop() const { return c.thread == std::this_thread::get_id(); }
  // A run may be long because the machine is busy, and the next is on the pool then: see Job::run_here().
  bool was_short() const { return scheduler.jobs().at("test_c")->facts.duration < 1ms; }
  bool scrape_until_on_the_loop() {
    for (int i = 0; i < 1000; ++i) {
      if (!scrape()) return false;
      if (ran_on_the_loop() && was_short()) return true;
    }
    return false;
  }
  void start(const Config& wanted) { scheduler.apply(scheduler.prepare(wanted, nullptr)); }
  // Turns the loop until the condition holds; false when it does not within ten seconds.
  template <class Condition>
  bool turn_until(Condition condition) {
    const auto end = std::chrono::steady_clock::now() + 10s;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > end) return false;
      loop.run_for(1ms);
      loop.restart();
    }
    return true;
  }
  // A scrape: whether its refresh has returned.
  std::shared_ptr<bool> refresh(std::vector<std::string> names = {}, std::chrono::nanoseconds budget = 10s) {
    auto done = std::make_shared<bool>(false);
    asio::co_spawn(loop, scheduler.refresh(std::move(names), budget), [done](std::exception_ptr) { *done = true; });
    return done;
  }
  std::optional<double> value_of(const char* name) const { return find_value(store.snapshot_of({name}), "test_value"); }

  Script a, b, c;
  Clock clock;
  asio::io_context loop{1};
  Store store;
  std::atomic<int> threads_to_be_had = 1000;  // then the system refuses, as one at its limit does
  Pool pool{8, [this](std::function<void()> body) {
              if (threads_to_be_had <= 0) return EAGAIN;
              --threads_to_be_had;
              return Pool::start_thread(std::move(body));
            }};
  std::vector<std::pair<std::string, std::optional<Errc>>> reports;
  std::vector<std::string> events;
  Scheduler scheduler{loop, pool, store, clock, [this](const Job& job, const RunReport& report) {
                        for (const Happened& event : report.events) events.push_back(event.entity);
                        reports.emplace_back(job.name(),
                                             report.error ? std::optional(report.error->code) : std::nullopt);
                      }};
};

}  // namespace vitalsd
