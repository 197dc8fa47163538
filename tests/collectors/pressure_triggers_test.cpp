// Triggers of the real kernel that the system had no room for at first.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/fakes/fake_clock.h"
#include "tests/fakes/few_descriptors.h"
#include "tests/fakes/run_collector.h"

namespace vitalsd {
namespace {

using namespace std::chrono_literals;

bool lacks(const RunResult& run) {
  return std::ranges::any_of(run.faults, [](const auto& fault) { return fault.field == "triggers"; });
}
bool counts_stalls(const RunResult& run) { return run.text.contains("\nvitalsd_pressure_stalls_total{"); }

TEST(PressureTriggers, AreAskedForAgainWhenThereWereNoDescriptors) {
  FakeClock clock;
  Host host;
  host.procfs = open_directory("/proc");
  host.clock = &clock;
  const CollectorSpec& spec = *find_collector("pressure");
  const auto make = [&] { return spec.make(Options::defaults(spec.options)); };
  auto collector = make();
  if (!counts_stalls(run_collector(*collector, host))) GTEST_SKIP() << "the kernel arms no triggers for us";
  bool lacked = false;
  for (std::size_t few = 1; few < 16 && !lacked; ++few) {
    collector = make();
    host.procfs = open_directory("/proc");
    const FewDescriptors limit(few);
    const RunResult run = run_collector(*collector, host);
    lacked = run.result && lacks(run);
  }
  ASSERT_TRUE(lacked);
  clock.advance(1s);
  const RunResult run = run_collector(*collector, host);
  EXPECT_FALSE(lacks(run));
  EXPECT_TRUE(counts_stalls(run));
}

}  // namespace
}  // namespace vitalsd
