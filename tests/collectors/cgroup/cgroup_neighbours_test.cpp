// The other containers of a pod, read through their processes.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <algorithm>

#include "tests/fakes/as_kernel.h"
#include "tests/fakes/real_tree.h"

namespace vitalsd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::string kId(64, 'a'), kOther(64, 'b'), kOwn(64, 'c');

class Neighbours : public RealTree {
 protected:
  Neighbours() {
    write("cgroup/cgroup.procs", "2\n");
    write("cgroup/cgroup.events", "populated 1\n");  // not the machine's root
    write("cgroup/memory.current", "1\n");
    write("proc/self/cgroup", "0::/\n");
    process(2, "/", "own");
    make("cgroups", {});
  }
  void process(int pid, const std::string& cgroup, const std::string& root) const {
    const std::string path = "proc/" + std::to_string(pid);
    write(path + "/cgroup", "0::" + cgroup + "\n");
    write(path + "/comm", "app\n");
    std::filesystem::remove(directory / path / "root");
    symlink(path + "/root", (directory / root).string());
  }
  void container(const std::string& root, const std::string& bytes) const {
    write(root + "/sys/fs/cgroup/cgroup.procs", "7\n");
    write(root + "/sys/fs/cgroup/memory.current", bytes);
    write(root + "/sys/fs/cgroup/memory.max", "1000\n");
    write(root + "/sys/fs/cgroup/cpu.max", "50000 100000\n");
  }
  std::string memory(const std::string& labels) const { return value("container_memory_usage_bytes{" + labels + "}"); }
  std::string of(const std::string& id, const std::string& container) const {
    return "id=\"" + id + "\",container_id=\"" + container + "\"";
  }
};

TEST_F(Neighbours, AreReadThroughTheirRoot) {
  container("app", "500\n");
  process(7, "/../cri-containerd-" + kId + ".scope", "app");
  process(8, "/../cri-containerd-" + kId + ".scope/worker", "app");
  round();
  const std::string app = of("/../cri-containerd-" + kId + ".scope", kId);
  EXPECT_EQ(memory(app), "500");
  EXPECT_EQ(memory("id=\"/\""), "1");
  EXPECT_EQ(value("vitalsd_cgroup_cpu_limit_cores{" + app + "}"), "0.5");
  EXPECT_EQ(value("vitalsd_cgroup_memory_limit_bytes{" + app + "}"), "1000");
  EXPECT_EQ(value("vitalsd_cgroups{version=\"2\"}"), "2");
  EXPECT_TRUE(last.faults.empty());
  write("app/sys/fs/cgroup/memory.current", "600\n");
  round();
  EXPECT_EQ(memory(app), "600");
  std::filesystem::remove_all(directory / "app");
  round();
  EXPECT_EQ(memory(app), "absent");
}

// A container's owner may put anything into its root. If the collector waits for a FIFO's writer, this test never ends.
TEST_F(Neighbours, AFifoInARootNeverBlocks) {
  container("app", "500\n");
  const auto fifo = (directory / "app/sys/fs/cgroup/cgroup.controllers").string();
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  process(7, "/../cri-containerd-" + kId + ".scope", "app");
  container("other", "700\n");
  process(8, "/../cri-containerd-" + kOther + ".scope", "other");
  round();
  EXPECT_EQ(memory(of("/../cri-containerd-" + kOther + ".scope", kOther)), "700");
  EXPECT_EQ(memory("id=\"/\""), "1");
}

TEST_F(Neighbours, AreSkippedWhereAllCgroupsAreVisible) {
  container("app", "500\n");
  process(7, "/../cri-containerd-" + kId + ".scope", "app");
  const std::string app = of("/../cri-containerd-" + kId + ".scope", kId);
  make("cgroups", {{"neighbours", "off"}});
  round();
  EXPECT_EQ(memory(app), "absent");
  std::filesystem::remove(directory / "cgroup/cgroup.events");
  make("cgroups", {});
  round();
  EXPECT_EQ(memory(app), "absent");
  make("cgroups", {{"neighbours", "on"}});
  round();
  EXPECT_EQ(memory(app), "500");
}

TEST_F(Neighbours, OnesInOurTreeAreLeftToIt) {
  container("app", "500\n");
  process(7, "/docker/" + kId, "app");
  write("cgroup/docker/cgroup.procs", "");
  write("cgroup/docker/" + kId + "/cgroup.procs", "7\n");
  write("cgroup/docker/" + kId + "/memory.current", "501\n");
  make("cgroups", {{"neighbours", "on"}});
  round();
  EXPECT_EQ(memory(of("/docker/" + kId, kId)), "501");
  EXPECT_EQ(value("vitalsd_cgroups{version=\"2\"}"), "3");
}

TEST_F(Neighbours, WhoDoesNotLetUsLookIsNamed) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may look anywhere";
  container("app", "500\n");
  process(7, "/../" + kId, "app");
  ASSERT_EQ(::chmod((directory / "app").c_str(), 0), 0);
  round();
  ::chmod((directory / "app").c_str(), 0755);
  ASSERT_EQ(last.faults.size(), 1U);
  EXPECT_EQ(last.faults[0].entity, "/../" + kId);
  EXPECT_EQ(last.faults[0].code, Errc::denied);
}

TEST_F(Neighbours, ALinkIsNotFollowed) {
  container("ours", "500\n");  // we can read it, the container cannot
  std::filesystem::create_directories(directory / "app/sys/fs");
  symlink("app/sys/fs/cgroup", (directory / "ours/sys/fs/cgroup").string());
  process(7, "/../" + kId, "app");
  std::filesystem::create_directories(directory / "other");
  symlink("other/sys", (directory / "ours/sys").string());
  process(8, "/../" + kOther, "other");
  round();
  EXPECT_EQ(memory(of("/../" + kId, kId)), "absent");
  EXPECT_EQ(memory(of("/../" + kOther, kOther)), "absent");
}

TEST_F(Neighbours, AnotherProcessOfTheContainerIsTried) {
  container("app", "500\n");
  process(7, "/../" + kId, "nowhere");
  process(8, "/../" + kId, "app");
  round();
  EXPECT_EQ(memory(of("/../" + kId, kId)), "500");
  EXPECT_TRUE(last.faults.empty());
}

TEST_F(Neighbours, TheSandboxIsPassedOver) {
  container("app", "500\n");
  process(1, "/../" + kId, "app");
  write("proc/1/comm", "pause\n");
  round();
  EXPECT_EQ(memory(of("/../" + kId, kId)), "absent");
}

TEST_F(Neighbours, AreFoundWithTheirFirstProcess) {
  round();
  write("proc/loadavg", "0.00 0.00 0.00 1/9 7\n");
  container("app", "500\n");
  process(7, "/../" + kId, "nowhere");
  round();
  EXPECT_EQ(memory(of("/../" + kId, kId)), "absent") << "it is not in its place yet";
  EXPECT_TRUE(last.faults.empty());
  process(7, "/../" + kId, "app");
  round();
  EXPECT_EQ(memory(of("/../" + kId, kId)), "500");
}

TEST_F(Neighbours, AreNotSoughtWithoutNewProcesses) {
  write("proc/loadavg", "0.00 0.00 0.00 1/9 6\n");
  round();
  container("app", "500\n");
  process(7, "/../" + kId, "app");
  round();
  EXPECT_EQ(memory(of("/../" + kId, kId)), "absent");
  write("proc/loadavg", "0.00 0.00 0.00 1/9 7\n");
  round();
  EXPECT_EQ(memory(of("/../" + kId, kId)), "500");
}

TEST_F(Neighbours, AreSoughtAgainSoonAfterAFailure) {
  container("app", "500\n");
  process(7, "/../" + kId, "nowhere");
  round();
  EXPECT_EQ(last.faults.size(), 1U);
  process(7, "/../" + kId, "app");
  clock.advance(std::chrono::seconds(10));
  round();
  EXPECT_EQ(memory(of("/../" + kId, kId)), "500");
}

TEST_F(Neighbours, AProcessMovedIntoAContainerIsFound) {
  process(7, "/", "app");
  round();
  container("app", "500\n");
  process(7, "/../" + kId, "app");
  round();
  EXPECT_EQ(memory(of("/../" + kId, kId)), "absent");
  clock.advance(std::chrono::seconds(30));
  round();
  EXPECT_EQ(memory(of("/../" + kId, kId)), "500");
}

class NeighbourKills : public Neighbours {
 protected:
  NeighbourKills() {
    host.cgroupfs = std::make_unique<AsKernel>(directory / "cgroup");
    container("app", "500\n");
    kills(2);
    process(7, id, "app");
    round();
  }
  void kills(int count) const {
    write("app/sys/fs/cgroup/memory.events", "oom 0\noom_kill " + std::to_string(count) + "\n");
  }
  std::string counted() const { return value("container_oom_events_total{" + of(id, kId) + "}"); }

  const std::string id = "/../" + kId;
};

TEST_F(NeighbourKills, AreCountedAndReportedAtOnce) {
  EXPECT_EQ(counted(), "2");
  EXPECT_THAT(last.events, IsEmpty()) << "they were before our time";
  EXPECT_FALSE(wakes());
  kills(3);
  ASSERT_TRUE(wakes());
  EXPECT_THAT(woken().events, IsEmpty());
  EXPECT_TRUE(last.partial);
  EXPECT_EQ(counted(), "3");
  ASSERT_TRUE(wakes());
  EXPECT_THAT(woken().events, ElementsAre(RecordedEvent{EventKind::oom_kill, id, "1 process killed: out of memory"}));
  EXPECT_FALSE(wakes());
  round();
  EXPECT_THAT(last.events, IsEmpty());
}

TEST_F(NeighbourKills, OfARemovedOneAreReportedOnce) {
  kills(4);
  ASSERT_TRUE(wakes());
  std::filesystem::remove_all(directory / "app");
  EXPECT_THAT(woken().events, ElementsAre(RecordedEvent{EventKind::oom_kill, id, "2 processes killed: out of memory"}));
  EXPECT_FALSE(last.partial);
  EXPECT_EQ(counted(), "4") << "its counters linger";
  EXPECT_FALSE(last.text.contains("container_memory_usage_bytes{" + of(id, kId)));
  round();
  EXPECT_THAT(last.events, IsEmpty());
}

TEST_F(NeighbourKills, OtherEndsAreNotReportedAsKills) {
  std::filesystem::remove_all(directory / "app");
  round();
  EXPECT_THAT(last.events, IsEmpty());
}

TEST_F(Neighbours, OfVersion1KnowOurOwn) {
  std::filesystem::remove_all(directory / "cgroup");
  write("cgroup/memory/cgroup.procs", "2\n");
  write("cgroup/memory/memory.usage_in_bytes", "1\n");
  write("proc/self/cgroup", "3:memory:/pod/" + kOwn + "\n");
  write("proc/2/cgroup", "3:memory:/pod/" + kOwn + "\n");
  write("proc/7/cgroup", "3:memory:/pod/" + kId + "\n");
  symlink("proc/7/root", (directory / "app").string());
  write("app/sys/fs/cgroup/memory/cgroup.procs", "7\n");
  write("app/sys/fs/cgroup/memory/memory.usage_in_bytes", "500\n");
  make("cgroups", {});
  round();
  EXPECT_EQ(memory(of("/pod/" + kId, kId)), "500");
  EXPECT_EQ(memory(of("/pod/" + kOwn, kOwn)), "absent");
  EXPECT_EQ(memory("id=\"/\""), "1");
  write("cgroup/memory/release_agent", "\n");  // the machine's root
  make("cgroups", {});
  round();
  EXPECT_EQ(memory(of("/pod/" + kId, kId)), "absent");
}

TEST_F(Neighbours, AWordThatIsNoModeIsRefused) {
  EXPECT_THROW(make("cgroups", {{"neighbours", "maybe"}}), OptionError);
}

}  // namespace
}  // namespace vitalsd
