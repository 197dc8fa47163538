// How often groups are sampled, and what keeps them from it.
#include <gtest/gtest.h>

#include "collectors/process/sources/source_choice.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/few_descriptors.h"
#include "tests/fakes/run_collector.h"

namespace vitalsd {
namespace {

using namespace std::chrono_literals;

Host real_host(const Clock& clock) {
  Host host;
  host.procfs = open_directory("/proc");
  host.rootfs = open_directory("/", Resolve::in_root);
  host.self = open_directory("/proc/self");
  host.units = Units::of_this_machine();
  host.clock = &clock;
  return host;
}

TEST(GroupPace, LoadingAProgramDoesNotKeepSamplesAway) {
  const Clock clock;
  const Host host = real_host(clock);
  const CollectorSpec& spec = *find_collector("process_groups");
  Options options = Options::defaults(spec.options);
  options.set("procnames", {.text = "app", .items = {}, .records = {}});
  const auto collector = spec.make(options);
  ASSERT_TRUE(run_collector(*collector, host).result);
  const auto before = collector->pace(1h);
  const RunResult second = run_collector(*collector, host);
  ASSERT_TRUE(second.result);
  if (!second.text.contains("source=\"bpf\"")) GTEST_SKIP() << "the kernel refuses the program";
  EXPECT_EQ(collector->pace(1h), before);
}

class SourceChoices : public testing::Test {
 protected:
  std::string_view round() {
    faults.faults.clear();
    CollectContext context{host_, {}, {}, buffer_, faults};
    return choice_.choose(context).name();
  }
  FakeClock clock;
  RecordingFaults faults;

 private:
  Host host_ = real_host(clock);
  std::string buffer_;
  SourceChoice choice_{"auto", true};
};

TEST_F(SourceChoices, TheProgramIsAskedForAgainWhenThereWereNoDescriptors) {
  EXPECT_EQ(round(), "procfs");
  {
    const FewDescriptors few(8);
    EXPECT_EQ(round(), "procfs");
  }
  ASSERT_EQ(faults.faults.size(), 1U);
  EXPECT_EQ(faults.faults[0].field, "bpf");
  EXPECT_EQ(round(), "procfs") << "not at once";
  EXPECT_EQ(faults.faults.size(), 1U) << "reported as long as it lacks";
  clock.advance(1s);
  if (round() != "bpf") GTEST_SKIP() << "the kernel refuses the program";
  EXPECT_TRUE(faults.faults.empty());
}

}  // namespace
}  // namespace vitalsd
