#include "daemon/scheduler.h"

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <future>
#include <mutex>
#include <thread>

namespace vitalsd {
namespace {

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
Script* script_a = nullptr;
Script* script_b = nullptr;
Script* script_c = nullptr;

constexpr Family kValue{"test_value", Kind::gauge, "A value."};

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
};
const Registration kA{
    {.name = "test_a", .enabled = false, .help = "scripted", .make = make_collector<Scripted<&script_a>>}};
const Registration kB{
    {.name = "test_b", .enabled = false, .help = "scripted", .make = make_collector<Scripted<&script_b>>}};

const Registration kC{{.name = "test_c",
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
  // A run may be long because the machine is busy, and the next is on the pool then.
  bool scrape_until_on_the_loop() {
    for (int i = 0; i < 1000; ++i) {
      if (!scrape()) return false;
      if (ran_on_the_loop()) return true;
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
  Pool pool{8};
  std::vector<std::pair<std::string, std::optional<Errc>>> reports;
  std::vector<std::string> events;
  Scheduler scheduler{loop, pool, store, clock, [this](const Job& job, const RunReport& report) {
                        for (const Happened& event : report.events) events.push_back(event.entity);
                        reports.emplace_back(job.name(),
                                             report.error ? std::optional(report.error->code) : std::nullopt);
                      }};
};

TEST_F(SchedulerTest, EachRunsAtOnceAndIsReadyAfterwards) {
  bool told = false;
  scheduler.on_first_runs([&] { told = true; });
  start(config(1h, 10s, 1h));
  EXPECT_FALSE(scheduler.ready());
  ASSERT_TRUE(turn_until([&] { return scheduler.ready(); }));
  EXPECT_TRUE(told);
  EXPECT_EQ(value_of("test_a"), 1);
  EXPECT_EQ(value_of("test_b"), 1);
  EXPECT_EQ(reports.size(), 2U);
}

TEST_F(SchedulerTest, TicksComeByThemselves) {
  start(config(2ms, 1s, 1h));
  ASSERT_TRUE(turn_until([&] { return a.runs >= 5 && b.runs >= 5; }));
  EXPECT_FALSE(a.overlapped);
}

TEST_F(SchedulerTest, AScrapeRunsWhatIsStaleAndOnlyThat) {
  start(config(1h, 10s, 1h));
  ASSERT_TRUE(turn_until([&] { return scheduler.ready(); }));
  const auto fresh = refresh();
  ASSERT_TRUE(turn_until([&] { return *fresh; }));
  EXPECT_EQ(a.runs, 1);

  start(config(1h, 10s, 0s));  // other configuration: new jobs
  ASSERT_TRUE(turn_until([&] { return scheduler.ready(); }));
  const int before = b.runs;
  const int before_a = a.runs;
  const auto only_b = refresh({"test_b"});
  ASSERT_TRUE(turn_until([&] { return *only_b; }));
  EXPECT_EQ(b.runs, before + 1);
  EXPECT_EQ(a.runs, before_a);
}

TEST_F(SchedulerTest, ConcurrentScrapesShareARun) {
  start(config(1h, 10s, 0s));
  ASSERT_TRUE(turn_until([&] { return scheduler.ready(); }));
  std::promise<void> release;
  auto released = release.get_future().share();
  a.does([released](CollectContext&, Sink&) -> Result<void> {
    released.wait();
    return {};
  });
  const int before = a.runs;
  std::vector<std::shared_ptr<bool>> scrapes;
  for (int i = 0; i < 10; ++i) scrapes.push_back(refresh());
  ASSERT_TRUE(turn_until([&] { return a.at_once == 1; }));
  for (int i = 0; i < 10; ++i) scrapes.push_back(refresh());
  loop.poll();  // all of them wait before the run may end
  release.set_value();
  ASSERT_TRUE(turn_until([&] { return std::ranges::all_of(scrapes, [](const auto& done) { return *done; }); }));
  EXPECT_EQ(a.runs, before + 1);
}

TEST_F(SchedulerTest, AStuckRunCostsItsOwnCollectorOnly) {
  std::promise<void> release;
  auto released = release.get_future().share();
  a.does([this, released](CollectContext& context, Sink&) -> Result<void> {
    released.wait();
    a.stop_seen = context.stop.stop_requested();
    return {};
  });
  start(config(5ms, 20ms, 0s));
  ASSERT_TRUE(turn_until([&] { return scheduler.ready() && b.runs > 3; }));
  const Job& stuck = *scheduler.jobs().at("test_a");
  EXPECT_EQ(stuck.state(), Job::State::stuck);
  EXPECT_FALSE(stuck.facts.success);
  EXPECT_FALSE(value_of("test_a"));
  ASSERT_TRUE(turn_until([&] { return stuck.facts.skipped > 3; }));
  EXPECT_EQ(a.runs, 1) << "never two runs at once";
  EXPECT_EQ(std::ranges::count(reports, std::pair<std::string, std::optional<Errc>>("test_a", Errc::timed_out)), 1);
  const auto scrape = refresh();  // does not wait for what is stuck
  ASSERT_TRUE(turn_until([&] { return *scrape; }));

  a.does(nullptr);
  release.set_value();
  ASSERT_TRUE(turn_until([&] { return value_of("test_a").has_value(); })) << "it runs again once the kernel lets it go";
  EXPECT_TRUE(a.stop_seen);
}

TEST_F(SchedulerTest, AScrapeWaitsNoLongerThanItsBudget) {
  std::promise<void> release;
  auto released = release.get_future().share();
  a.does([released](CollectContext&, Sink&) -> Result<void> {
    released.wait();
    return {};
  });
  start(config(1h, 1h, 0s));
  ASSERT_TRUE(turn_until([&] { return value_of("test_b"); }));
  const auto scrape = refresh({}, 5ms);
  ASSERT_TRUE(turn_until([&] { return *scrape; }));
  EXPECT_TRUE(value_of("test_b")) << "and answers with what there is";
  release.set_value();
}

TEST_F(SchedulerTest, AFailedRunWithdrawsItsSeriesAndPublishesNoHalf) {
  start(config(1h, 10s, 0s));
  ASSERT_TRUE(turn_until([&] { return scheduler.ready(); }));
  ASSERT_TRUE(value_of("test_a"));
  a.does([](CollectContext&, Sink& sink) -> Result<void> {
    sink.add(kValue, 42);
    return fail(Errc::malformed, "test");
  });
  const auto scrape = refresh();
  ASSERT_TRUE(turn_until([&] { return *scrape; }));
  EXPECT_FALSE(value_of("test_a"));
  EXPECT_EQ(scheduler.jobs().at("test_a")->facts.error, "test: malformed");
  a.does([](CollectContext&, Sink&) -> Result<void> { throw std::runtime_error("defect"); });
  const auto second = refresh();
  ASSERT_TRUE(turn_until([&] { return *second; }));
  EXPECT_FALSE(scheduler.jobs().at("test_a")->facts.success);
}

TEST_F(SchedulerTest, ACollectorIsWokenBeforeItsTick) {
  a.wake = ::eventfd(0, EFD_NONBLOCK);
  a.does([this](CollectContext&, Sink&) -> Result<void> {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto got = ::read(a.wake, &count, sizeof count);
    return {};
  });
  start(config(1h, 10s, 1h));
  ASSERT_TRUE(turn_until([&] { return scheduler.ready(); }));
  for (int i = 2; i < 5; ++i) {
    const std::uint64_t one = 1;
    ASSERT_EQ(::write(a.wake, &one, sizeof one), 8);
    ASSERT_TRUE(turn_until([&] { return value_of("test_a") == i; }));
  }
  EXPECT_EQ(b.runs, 1);
  ::close(a.wake);
}

TEST_F(SchedulerTest, AReloadKeepsWhatDidNotChange) {
  const Config old = config(1h, 10s, 1h);
  start(old);
  ASSERT_TRUE(turn_until([&] { return scheduler.ready(); }));
  Config next = old;
  next.collectors["test_b"].enabled = false;
  const auto job = scheduler.jobs().at("test_a");
  scheduler.apply(scheduler.prepare(next, &old));
  EXPECT_EQ(scheduler.jobs().at("test_a"), job);
  EXPECT_FALSE(scheduler.jobs().contains("test_b"));
  EXPECT_FALSE(value_of("test_b")) << "a collector that is gone leaves no series";
  EXPECT_EQ(value_of("test_a"), 1);

  Config moved = next;
  moved.paths.procfs = "/elsewhere";
  scheduler.apply(scheduler.prepare(moved, &next));
  EXPECT_NE(scheduler.jobs().at("test_a"), job);
  EXPECT_EQ(value_of("test_a"), 1) << "shown until its successor has run";
  ASSERT_TRUE(turn_until([&] { return value_of("test_a") == 2; }));
}

TEST_F(SchedulerTest, WhatNeverWaitsRunsOnTheLoopOnceItsFilesAreOpen) {
  c.does([](CollectContext& context, Sink&) -> Result<void> {
    const auto text = context.host.procfs->read("loadavg", context.buffer, Keep::yes);
    if (!text) return fail(text.error());
    return {};
  });
  start(alone());
  ASSERT_TRUE(turn_until([&] { return scheduler.ready(); }));
  EXPECT_FALSE(ran_on_the_loop()) << "it opened its file";
  ASSERT_TRUE(scrape());
  EXPECT_FALSE(ran_on_the_loop()) << "nothing was known of a run with open files";
  ASSERT_TRUE(scrape_until_on_the_loop());
  EXPECT_EQ(value_of("test_c"), c.runs);
  EXPECT_EQ(scheduler.jobs().at("test_c")->facts.runs, static_cast<std::uint64_t>(c.runs));
  EXPECT_EQ(reports.size(), static_cast<std::size_t>(c.runs));
}

TEST_F(SchedulerTest, AnotherFileSendsTheRunToThePool) {
  start(alone());
  ASSERT_TRUE(turn_until([&] { return scheduler.ready(); }));
  ASSERT_TRUE(scrape_until_on_the_loop());
  c.does([](CollectContext& context, Sink& sink) -> Result<void> {
    const auto text = context.host.procfs->read("uptime", context.buffer);
    context.happened({EventKind::pressure, text ? "read" : "refused", ""});
    sink.add(kValue, -1);
    return {};
  });
  const int before = c.runs;
  const std::size_t told = reports.size();
  ASSERT_TRUE(scrape());
  EXPECT_FALSE(ran_on_the_loop());
  EXPECT_EQ(c.runs, before + 2) << "dropped on the loop, made again on the pool";
  EXPECT_EQ(reports.size(), told + 1) << "and told once";
  EXPECT_EQ(events, std::vector<std::string>{"read"});
  ASSERT_TRUE(scrape());
  EXPECT_EQ(c.runs, before + 3) << "it would open its file again";
  c.does(nullptr);
  EXPECT_TRUE(scrape_until_on_the_loop());
}

TEST_F(SchedulerTest, ADroppedRunTakesNothingBack) {
  start(alone());
  ASSERT_TRUE(turn_until([&] { return scheduler.ready(); }));
  ASSERT_TRUE(scrape_until_on_the_loop());
  const int before = c.runs;
  std::promise<void> release;
  auto released = release.get_future().share();
  c.does([released](CollectContext& context, Sink&) -> Result<void> {
    const auto text = context.host.procfs->read("uptime", context.buffer);
    if (text) released.wait();
    return {};
  });
  const auto waiting = refresh();
  ASSERT_TRUE(turn_until([&] { return c.runs == before + 2; }));
  EXPECT_EQ(value_of("test_c"), before) << "the last good data stay until the pool's run has ended";
  release.set_value();
  ASSERT_TRUE(turn_until([&] { return *waiting; }));
  EXPECT_EQ(value_of("test_c"), before + 2);
}

TEST_F(SchedulerTest, ALongOrFailedRunSendsTheNextToThePool) {
  start(alone());
  ASSERT_TRUE(turn_until([&] { return scheduler.ready(); }));
  const std::array<Script::Body, 2> bodies = {
      [](CollectContext&, Sink&) -> Result<void> {
        std::this_thread::sleep_for(2ms);
        return {};
      },
      [](CollectContext&, Sink&) -> Result<void> { return fail(Errc::malformed, "test"); }};
  for (const auto& body : bodies) {
    c.does(nullptr);
    ASSERT_TRUE(scrape_until_on_the_loop());
    c.does(body);
    ASSERT_TRUE(scrape());
    EXPECT_TRUE(ran_on_the_loop());
    ASSERT_TRUE(scrape());
    EXPECT_FALSE(ran_on_the_loop());
  }
}

TEST_F(SchedulerTest, ConcurrentScrapesShareARunOnTheLoop) {
  start(alone());
  ASSERT_TRUE(turn_until([&] { return scheduler.ready(); }));
  ASSERT_TRUE(scrape_until_on_the_loop());
  const int before = c.runs;
  std::vector<std::shared_ptr<bool>> scrapes;
  for (int i = 0; i < 10; ++i) scrapes.push_back(refresh());
  ASSERT_TRUE(turn_until([&] { return std::ranges::all_of(scrapes, [](const auto& done) { return *done; }); }));
  EXPECT_EQ(c.runs, before + 1);
  EXPECT_TRUE(ran_on_the_loop());
}

}  // namespace
}  // namespace vitalsd
