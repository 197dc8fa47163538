// A collector that has run a few times allocates nothing more, so the daemon's memory stays the same for months.
#include <gtest/gtest.h>

#include "collectors/cgroup/pod_names.h"
#include "collectors/process/sources/bpf/bpf_source.h"
#include "core/faults.h"
#include "tests/fakes/counted_allocations.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/frozen_process.h"
#include "tests/fakes/own_network.h"
#include "tests/fakes/run_collector.h"
#include "tests/fakes/unshared_netlink.h"

namespace vitalsd {
namespace {

TEST(Allocations, AreCounted) {
  counting_allocations = true;
  delete new int(1);
  counting_allocations = false;
  EXPECT_EQ(counted_allocations, 1U);
}

TEST(Allocations, StopOnceACollectorIsWarm) {
  FakeClock clock;
  const Host host = fixture_host(std::string(VITALSD_SOURCE_DIR) + "/tests/fixtures/host", clock);
  for (const CollectorSpec& spec : registered_collectors()) {
    if (spec.name == "filesystem") continue;  // starts a thread while the thread that queries a mount hangs
    const auto collector = spec.make(Options::defaults(spec.options));
    Block block;
    BlockSink sink(block);
    NoFaults faults;
    std::string buffer;
    counted_allocations = 0;
    for (int round = 0; round < 13; ++round) {
      clock.advance(std::chrono::seconds(5));
      block.clear();
      CollectContext context{host, {}, clock.steady() + std::chrono::seconds(1), buffer, faults};
      counting_allocations = round >= 3;
      (void)collector->collect(context, sink);
      block.finish();
      counting_allocations = false;
    }
    EXPECT_EQ(counted_allocations, 0U) << spec.name;
  }
}

TEST(Allocations, StopOnceTheNamesOfPodsAreKnown) {
  PodNames names(std::string(VITALSD_SOURCE_DIR) + "/tests/fixtures/host/cgroup",  // any directory with names in it
                 std::string(VITALSD_SOURCE_DIR) + "/tests/fixtures/host/proc");
  NoFaults faults;
  counted_allocations = 0;
  for (int round = 0; round < 10; ++round) {
    counting_allocations = round >= 1;
    names.round(PodNames::Time(std::chrono::hours(1 + round)), faults);
    counting_allocations = false;
  }
  EXPECT_EQ(counted_allocations, 0U);
}

// The names of the collectors that allocate over netlink once they are warm.
std::string allocating_over_netlink() {
  if (!ip("link add v0 type veth peer name v1") || !ip("link set v0 up")) return kNoNamespace;
  if (!ip("neigh add 127.0.0.7 dev lo lladdr 02:00:00:00:00:07")) return kNoNamespace;
  FakeClock clock;
  const Host host{.procfs = open_directory("/proc"),
                  .sysfs = open_directory("/sys"),
                  .clock = &clock,
                  .netlink = std::make_shared<UnsharedNetlink>()};
  std::string names;
  for (const char* name : {"arp", "netclass", "netdev", "tcpstat", "udp_queues"}) {
    const CollectorSpec& spec = *find_collector(name);
    const auto collector = spec.make(Options::defaults(spec.options));
    Block block;
    BlockSink sink(block);
    NoFaults faults;
    std::string buffer;
    bool collected = true;
    counted_allocations = 0;
    for (int round = 0; round < 6; ++round) {
      clock.advance(std::chrono::seconds(5));
      block.clear();
      CollectContext context{host, {}, clock.steady() + std::chrono::seconds(1), buffer, faults};
      counting_allocations = round >= 2;
      collected = collector->collect(context, sink).has_value() && collected;
      block.finish();
      counting_allocations = false;
    }
    if (!collected || counted_allocations > 0) names.append(name).append(" ");
  }
  return names;
}

TEST(Allocations, StopOnceNetlinkIsWarm) { EXPECT_IN_OWN_NETWORK(allocating_over_netlink, ""); }

TEST(Allocations, StopOnceTheBpfSourceIsWarm) {
  std::string why;
  const auto source = open_bpf_source(Units::of_this_machine(), why);
  if (!source) GTEST_SKIP() << why;
  FakeClock clock;
  const Host host{.procfs = open_directory("/proc"), .clock = &clock};
  NoFaults faults;
  std::string buffer;
  CollectContext context{host, {}, {}, buffer, faults};
  {
    std::vector<std::unique_ptr<FrozenProcess>> more;  // so that processes that others start meanwhile have room
    for (int i = 0; i < 30; ++i) more.push_back(std::make_unique<FrozenProcess>("more", [] {}));
    for (int round = 0; round < 3; ++round) ASSERT_TRUE((*source)->scan(context));
  }
  counted_allocations = 0;
  counting_allocations = true;
  (void)(*source)->scan(context);
  counting_allocations = false;
  EXPECT_EQ(counted_allocations, 0U);
}

}  // namespace
}  // namespace vitalsd
