// A procfs and a root in memory with made-up processes in them, and the collector `targets` over it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/collector.h"
#include "tests/fakes/fake_host.h"
#include "tests/fakes/run_collector.h"

namespace vitalsd {

struct FakeProcess {
  int pid = 0;
  unsigned long start = 1000;  ///< clock ticks since boot
  std::string comm = "app";
  int ppid = 1;
  char state = 'S';
  int threads = 1;
  int tgid = 0;  ///< 0: pid
};

/// Booted 1,000,000 s before the FakeClock starts, which is also when files were written unless touch() changes it.
class FakeProcesses : public FakeHost {
 public:
  static constexpr long kBoot = 1'699'000'000;

  FakeProcesses() {
    procfs->file("stat", "cpu  1 2 3\nbtime " + std::to_string(kBoot) + "\n");
    rootfs->file("etc/passwd", "root:x:0:0::/:\nwww:x:33:33::/:\n");
  }

  void start(const FakeProcess& process) {
    const std::string dir = std::to_string(process.pid) + "/";
    stat(process);
    const int tgid = process.tgid == 0 ? process.pid : process.tgid;
    procfs->file(dir + "status", "Name:\tx\nTgid:\t" + std::to_string(tgid) +
                                     "\nUid:\t33\t33\t33\t33\nVmHWM:\t30 kB\nRssAnon:\t10 kB\nRssFile:\t11 kB\n"
                                     "RssShmem:\t12 kB\nVmData:\t13 kB\nVmSwap:\t14 kB\n"
                                     "voluntary_ctxt_switches:\t15\nnonvoluntary_ctxt_switches:\t16\n");
    procfs->file(dir + "schedstat", "5000000000 1500000000 7\n");
    procfs->file(dir + "io", "rchar: 21\nwchar: 22\nsyscr: 1\nsyscw: 1\nread_bytes: 23\nwrite_bytes: 24\n");
    procfs->file(dir + "limits", "Max open files            1024                 4096                 files     \n");
    procfs->file(dir + "oom_score", "666\n").file(dir + "oom_score_adj", "-5\n");
    procfs->file(dir + "cmdline", std::string("/opt/") + process.comm + '\0' + "--flag" + '\0');
    procfs->file(dir + "cgroup", "0::/system.slice/" + process.comm + ".service\n");
    procfs->symlink(dir + "exe", "/opt/" + process.comm).symlink(dir + "cwd", "/srv");
    for (const char* fd : {"fd/0", "fd/1", "fd/2"}) procfs->symlink(dir + fd, "/dev/null");
  }
  /// Replaces only its stat, for another state or start time.
  void stat(const FakeProcess& p) {
    procfs->file(std::to_string(p.pid) + "/stat",
                 std::to_string(p.pid) + " (" + p.comm + ") " + p.state + " " + std::to_string(p.ppid) +
                     " 1 1 0 -1 0 31 0 32 0 250 75 0 0 20 0 " + std::to_string(p.threads) + " 0 " +
                     std::to_string(p.start) + " 409600 9\n");
  }
  void end(int pid) { procfs->remove(std::to_string(pid) + "/"); }

  std::unique_ptr<Collector> watch(std::vector<Record> records) const {
    const CollectorSpec& spec = *find_collector("targets");
    Options options = Options::defaults(spec.options);
    options.set("watch", {.text = {}, .items = {}, .records = std::move(records)});
    return spec.make(options);
  }
};

/// The value of `vitalsd_target_NAME{target="t"}`, or "-" if there is none.
inline std::string of_target(const RunResult& run, const std::string& name, const std::string& more = {}) {
  return sample(run.text, "vitalsd_target_" + name + "{target=\"t\"" + more + "}").value_or("-");
}

}  // namespace vitalsd
