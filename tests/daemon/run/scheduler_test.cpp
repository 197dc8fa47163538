#include "daemon/run/scheduler.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <boost/asio/detached.hpp>

#include "tests/daemon/run/scheduler_fixture.h"

namespace vitalsd {
namespace {

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
  Gate gate;
  a.does(gate.holds());
  const int before = a.runs;
  std::vector<std::shared_ptr<bool>> scrapes;
  for (int i = 0; i < 10; ++i) scrapes.push_back(refresh());
  ASSERT_TRUE(turn_until([&] { return a.at_once == 1; }));
  for (int i = 0; i < 10; ++i) scrapes.push_back(refresh());
  loop.poll();  // all of them wait before the run may end
  gate.open();
  ASSERT_TRUE(turn_until([&] { return std::ranges::all_of(scrapes, [](const auto& done) { return *done; }); }));
  EXPECT_EQ(a.runs, before + 2) << "the run under way began before the second ten came";
}

TEST_F(SchedulerTest, AScrapeSharesARunThatIsFreshEnough) {
  Gate gate;
  a.does(gate.holds());
  start(config(1h, 10s, 1h));
  ASSERT_TRUE(turn_until([&] { return a.at_once == 1; }));
  const auto waiting = refresh();
  loop.poll();
  gate.open();
  ASSERT_TRUE(turn_until([&] { return *waiting; }));
  EXPECT_EQ(a.runs, 1);
}

TEST_F(SchedulerTest, WhoWaitsForTheNextRunIsLetGoWithTheCollector) {
  Gate gate;
  const Config old = config(1h, 10s, 0s);
  start(old);
  ASSERT_TRUE(turn_until([&] { return scheduler.ready(); }));
  a.does(gate.holds());
  const auto first = refresh({"test_a"});
  ASSERT_TRUE(turn_until([&] { return a.at_once == 1; }));
  const auto second = refresh({"test_a"}, 1h);
  loop.poll();
  Config next = old;
  next.collectors["test_a"].enabled = false;
  scheduler.apply(scheduler.prepare(next, &old));
  EXPECT_TRUE(turn_until([&] { return *first && *second; }));
  gate.open();
}

TEST_F(SchedulerTest, WhoWaitsForTheNextRunIsLetGoWhenThisOneHangs) {
  Gate gate;
  start(config(1h, 50ms, 0s));
  ASSERT_TRUE(turn_until([&] { return scheduler.ready(); }));
  a.does(gate.holds());
  const auto first = refresh({"test_a"});
  ASSERT_TRUE(turn_until([&] { return a.at_once == 1; }));
  const auto second = refresh({"test_a"}, 1h);
  ASSERT_TRUE(turn_until([&] { return *first && *second; }));
  a.does(nullptr);
  gate.open();
}

TEST_F(SchedulerTest, AStuckRunCostsItsOwnCollectorOnly) {
  Gate gate;
  a.does([this, opened = gate.opened()](CollectContext& context, Sink&) -> Result<void> {
    opened.wait();
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
  gate.open();
  ASSERT_TRUE(turn_until([&] { return value_of("test_a").has_value(); })) << "it runs again once the kernel lets it go";
  EXPECT_TRUE(a.stop_seen);
}

TEST_F(SchedulerTest, AScrapeWaitsNoLongerThanItsBudget) {
  Gate gate;
  a.does(gate.holds());
  start(config(1h, 1h, 0s));
  ASSERT_TRUE(turn_until([&] { return value_of("test_b"); }));
  const auto scrape = refresh({}, 5ms);
  ASSERT_TRUE(turn_until([&] { return *scrape; }));
  EXPECT_TRUE(value_of("test_b")) << "and answers with what there is";
  gate.open();
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

TEST_F(SchedulerTest, AStormOfWakeUpsIsHeldBack) {
  a.wake = ::eventfd(1, EFD_NONBLOCK);  // readable for ever
  start(config(1h, 10s, 1h));
  const auto begin = std::chrono::steady_clock::now();
  ASSERT_TRUE(turn_until([&] { return a.runs >= 12; }));
  // The first run and a few after short rests, then one in 20 ms at the most, however slow the machine is.
  EXPECT_LE(a.runs, 7 + (std::chrono::steady_clock::now() - begin) / 20ms);
  ::close(a.wake);
}

TEST_F(SchedulerTest, ARunThatTellsAPartIsShownAndServesNobodyWhoWaits) {
  a.wake = ::eventfd(0, EFD_NONBLOCK);
  start(config(1h, 10s, 100ms));
  ASSERT_TRUE(turn_until([&] { return scheduler.ready(); }));
  const auto& facts = scheduler.jobs().at("test_a")->facts;
  const auto collected = facts.collected;
  std::atomic<int> parts = 0;
  Gate gate;
  a.does([&, opened = gate.opened()](CollectContext& context, Sink&) -> Result<void> {
    eventfd_t ignored = 0;
    ::eventfd_read(a.wake, &ignored);
    if (!context.woken) return {};
    context.partial = true;
    if (++parts == 2) opened.wait();
    return {};
  });
  ::eventfd_write(a.wake, 1);
  ASSERT_TRUE(turn_until([&] { return value_of("test_a") == 2; }));
  EXPECT_EQ(facts.collected, collected) << "it made nothing fresh";
  std::this_thread::sleep_for(100ms);
  ::eventfd_write(a.wake, 1);
  ASSERT_TRUE(turn_until([&] { return parts == 2; }));
  const auto scraped = refresh({"test_a"});
  loop.poll();
  gate.open();
  ASSERT_TRUE(turn_until([&] { return *scraped; }));
  EXPECT_EQ(parts, 2);
  EXPECT_EQ(a.runs, 4) << "the scrape had a run of its own";
  EXPECT_GT(facts.collected, collected);
  ::close(a.wake);
}

TEST_F(SchedulerTest, WithoutAThreadWhatNeverWaitsRunsOnTheLoop) {
  threads_to_be_had = 0;
  Config wanted = alone();
  wanted.collectors["test_a"] = {true, 10ms, 50ms, 0s, {}};
  start(wanted);
  ASSERT_TRUE(turn_until([&] { return scheduler.ready(); }));
  EXPECT_TRUE(value_of("test_c"));
  EXPECT_TRUE(ran_on_the_loop());
  EXPECT_FALSE(value_of("test_a"));
  const Job& waiting = *scheduler.jobs().at("test_a");
  EXPECT_EQ(waiting.facts.error, "no thread to run on: timed_out (Resource temporarily unavailable)");
  EXPECT_EQ(a.runs, 0);
  threads_to_be_had = 9;
  ASSERT_TRUE(turn_until([&] { return value_of("test_a").has_value(); })) << "and recovers by itself";
}

TEST_F(SchedulerTest, BehindARunThatHangsWhatNeverWaitsNeedsNoThread) {
  Gate gate;
  threads_to_be_had = 1;
  Config wanted = alone();
  wanted.collectors["test_a"] = {true, 1h, 1h, 0s, {}};
  a.does(gate.holds());
  start(wanted);
  ASSERT_TRUE(turn_until([&] { return a.at_once == 1; }));
  for (int i = 0; i < 3; ++i) {
    const auto done = refresh({"test_c"});
    ASSERT_TRUE(turn_until([&] { return *done; }));
  }
  EXPECT_GE(c.runs, 3);
  EXPECT_TRUE(ran_on_the_loop());
  EXPECT_FALSE(scheduler.jobs().at("test_c")->state() == Job::State::stuck);
  gate.open();
}

TEST_F(SchedulerTest, OldDataIsWithdrawnWhereNoThreadIsToBeHad) {
  threads_to_be_had = 1;
  start(config(5ms, 5ms, 0s));
  ASSERT_TRUE(turn_until([&] { return value_of("test_b").has_value(); }));
  Gate gate;
  a.does(gate.holds());  // holds the one thread that there is
  EXPECT_TRUE(turn_until([&] { return !value_of("test_b"); }));
  gate.open();
  a.does(nullptr);
  EXPECT_TRUE(turn_until([&] { return value_of("test_b").has_value(); }));
}

// Ticks that a collector leaves out by its own pace are no secret.
TEST_F(SchedulerTest, ASlowerPaceIsCounted) {
  a.pace = 20ms;
  start(config(5ms, 1s, 1h));
  ASSERT_TRUE(turn_until([&] { return a.runs >= 4; }));
  const Job& slow = *scheduler.jobs().at("test_a");
  EXPECT_EQ(slow.stretch(), 4);
  EXPECT_GE(slow.facts.skipped, 6U);
  EXPECT_EQ(scheduler.jobs().at("test_b")->stretch(), 1);
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

TEST_F(SchedulerTest, WhatTheSystemLacksIsKnownOfTheCollector) {
  script_a->does([](CollectContext& context, Sink&) -> Result<void> {
    context.faults.partial("x", "gone", {Errc::denied, EACCES, "file"}, "");
    context.faults.partial("x", "queue", {Errc::io, EMFILE, "inotify"}, "");
    return {};
  });
  start(config(1s, 10s, 1s));
  ASSERT_TRUE(turn_until([this] { return scheduler.ready(); }));
  EXPECT_EQ(scheduler.jobs().at("test_a")->facts.lack, "queue: inotify: io (Too many open files)");
  EXPECT_EQ(scheduler.jobs().at("test_b")->facts.lack, "");
}

}  // namespace
}  // namespace vitalsd
