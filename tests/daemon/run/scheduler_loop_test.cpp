// Runs that are made on the loop, and what sends them back to the pool.
#include <array>

#include "tests/daemon/run/scheduler_fixture.h"

namespace vitalsd {
namespace {

using SchedulerLoopTest = SchedulerTest;

TEST_F(SchedulerLoopTest, WhatNeverWaitsRunsOnTheLoopOnceItsFilesAreOpen) {
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

TEST_F(SchedulerLoopTest, AnotherFileSendsTheRunToThePool) {
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

TEST_F(SchedulerLoopTest, ADroppedRunTakesNothingBack) {
  start(alone());
  ASSERT_TRUE(turn_until([&] { return scheduler.ready(); }));
  ASSERT_TRUE(scrape_until_on_the_loop());
  const int before = c.runs;
  Gate gate;
  c.does([opened = gate.opened()](CollectContext& context, Sink&) -> Result<void> {
    const auto text = context.host.procfs->read("uptime", context.buffer);
    if (text) opened.wait();
    return {};
  });
  const auto waiting = refresh();
  ASSERT_TRUE(turn_until([&] { return c.runs == before + 2; }));
  EXPECT_EQ(value_of("test_c"), before) << "the last good data stay until the pool's run has ended";
  gate.open();
  ASSERT_TRUE(turn_until([&] { return *waiting; }));
  EXPECT_EQ(value_of("test_c"), before + 2);
}

TEST_F(SchedulerLoopTest, ALongOrFailedRunSendsTheNextToThePool) {
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

TEST_F(SchedulerLoopTest, ConcurrentScrapesShareARunOnTheLoop) {
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
