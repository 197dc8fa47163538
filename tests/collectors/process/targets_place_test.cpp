// Targets by the place of their container in the pod.
#include "tests/fakes/targets_fixture.h"

namespace vitalsd {
namespace {

class TargetPlaces : public Targets {
 protected:
  TargetPlaces() {
    system_.self->file("cgroup", "3:memory:/pod/" + id('0') + "\n");
    start(1, 'f', 100, "pause");
    start(2, '0', 200, "vitalsd");
    start(3, 'a', 300, "app");
    start(4, 'b', 400, "helper");
    start(5, 'a', 500, "worker", 3);
  }
  static std::string id(char digit) { return std::string(64, digit); }
  void start(int pid, char container, unsigned long at, const std::string& comm, int ppid = 0) {
    system_.start({.pid = pid, .start = at, .comm = comm, .ppid = ppid});
    system_.procfs->file(std::to_string(pid) + "/cgroup", "3:memory:/pod/" + id(container) + "\n");
  }
  std::string pids() {
    system_.clock.advance(std::chrono::minutes(2));
    const RunResult run = this->run();
    std::string all;
    for (const char* target : {"first", "second", "third"}) {
      all += sample(run.text, "vitalsd_target_pid{target=\"" + std::string(target) + "\"}").value_or("-") + " ";
    }
    return all;
  }
  void watch_all() {
    collector_ = system_.watch({{{"name", "first"}, {"pod_container", "1"}},
                                {{"name", "second"}, {"pod_container", "2"}},
                                {{"name", "third"}, {"pod_container", "3"}}});
  }
};

TEST_F(TargetPlaces, FollowTheStartsWithoutOursAndTheSandbox) {
  watch_all();
  EXPECT_EQ(pids(), "3 4 - ");
  start(6, 'c', 600, "late");
  EXPECT_EQ(pids(), "3 4 6 ");
}

TEST_F(TargetPlaces, ARestartedContainerKeepsItsPlace) {
  watch_all();
  EXPECT_EQ(pids(), "3 4 - ");
  system_.end(3);
  system_.end(5);
  EXPECT_EQ(pids(), "- 4 - ") << "the others keep theirs";
  start(7, 'd', 700, "app");
  EXPECT_EQ(pids(), "7 4 - ");
}

TEST_F(TargetPlaces, WithoutContainersThereIsNone) {
  for (const int pid : {1, 2, 3, 4, 5}) system_.procfs->file(std::to_string(pid) + "/cgroup", "0::/\n");
  watch_all();
  EXPECT_EQ(pids(), "- - - ");
}

}  // namespace
}  // namespace vitalsd
