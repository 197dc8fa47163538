// One round of the collector `cgroups` over 1,000 cgroups against a loop that opens, reads and closes the same files.
// Makes the cgroups below the hierarchies that it finds: of version 1 each controller's, else version 2's.
// usage: cgroups_bench [FILE...]    with files it tells the percentage of a core that reading them ten times a second
// takes, and nothing else
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "collectors/cgroup/hierarchy.h"
#include "core/collector.h"
#include "core/cpu_time.h"
#include "core/faults.h"
#include "core/fd.h"
#include "tests/bench/median.h"
#include "tests/bench/recorder.h"

namespace vitalsd {
namespace {

constexpr int kCgroups = 1000, kRounds = 15;
constexpr double kTarget = 3;
const std::string kRoot = "/sys/fs/cgroup";

double cpu_microseconds() { return std::chrono::duration<double, std::micro>(process_cpu()).count(); }

template <class Round>
double median_of(Round round) {
  std::vector<double> all;
  for (int i = 0; i < kRounds; ++i) {
    const double begin = cpu_microseconds();
    round();
    all.push_back(cpu_microseconds() - begin);
  }
  return bench::median(all);
}

/// As many cgroups in each of the hierarchies, removed at the end.
class Cgroups {
 public:
  explicit Cgroups(const Hierarchy& tree) {
    std::vector<std::string> roots = tree.roots();
    if (!tree.unified() && !tree.of("unified").empty()) roots.emplace_back(tree.of("unified"));
    for (const std::string& root : roots) {
      std::string parent = kRoot;
      parent.append("/").append(root).append("/").append(name());
      make(parent);
      if (tree.unified()) enable(parent);
      for (int i = 0; i < kCgroups; ++i) make(parent + "/c" + std::to_string(i));
    }
  }
  ~Cgroups() {
    for (auto each = made_.rbegin(); each != made_.rend(); ++each) ::rmdir(each->c_str());
  }
  Cgroups(const Cgroups&) = delete;
  Cgroups& operator=(const Cgroups&) = delete;

  static std::string name() { return "vitalsd-bench-" + std::to_string(::getpid()); }
  bool all_made() const { return ok_; }

 private:
  void make(const std::string& path) {
    if (::mkdir(path.c_str(), 0755) == 0) {
      made_.push_back(path);
    } else {
      ok_ = false;
    }
  }
  static void enable(const std::string& parent) {
    const Fd fd(::open((parent + "/cgroup.subtree_control").c_str(), O_WRONLY | O_CLOEXEC));
    for (const char* controller : {"+cpu", "+memory", "+io", "+pids"}) {
      if (::write(fd.get(), controller, std::char_traits<char>::length(controller)) < 0) continue;
    }
  }
  std::vector<std::string> made_;
  bool ok_ = true;
};

Clock clock_of_machine;

Host host_of(std::multiset<std::string>* seen) {
  const auto open = [seen](const char* root) -> std::unique_ptr<FileSource> {
    if (seen != nullptr) return std::make_unique<bench::Recorder>(root, *seen);
    return open_directory(root);
  };
  return {.procfs = open("/proc"),
          .sysfs = open("/sys"),
          .rootfs = open(""),
          .cgroupfs = open(kRoot.c_str()),
          .self = open("/proc/self"),
          .units = Units::of_this_machine(),
          .clock = &clock_of_machine};
}

struct Running {
  std::unique_ptr<Collector> collector;
  Host host;
  Block block;
  std::string buffer;

  explicit Running(std::multiset<std::string>* seen) : host(host_of(seen)) {
    const CollectorSpec& spec = *find_collector("cgroups");
    Options options = Options::defaults(spec.options);
    options.set("include", {.text = "^/" + Cgroups::name() + "/", .items = {}, .records = {}});
    collector = spec.make(options);
  }
  void round() {
    NoFaults faults;
    block.clear();
    BlockSink sink(block);
    CollectContext context{host, {}, {}, buffer, faults};
    if (const auto done = collector->collect(context, sink); !done) {
      std::printf("the collector failed: %s\n", describe(done.error()).c_str());
      return;
    }
    block.finish();
  }
};

int measure() {
  const auto tree = Hierarchy::find(*open_directory(kRoot));
  if (!tree) return std::puts("SKIPPED: there are no cgroups here"), 0;
  const Cgroups cgroups(*tree);
  if (!cgroups.all_made()) return std::puts("SKIPPED: cgroups cannot be made here"), 0;
  std::multiset<std::string> files;
  {
    Running recorded(&files);
    recorded.round();  // the first one also reads what never changes: not counted
    files.clear();
    recorded.round();
  }
  std::vector<char> buffer(1 << 20);
  const double kernel = median_of([&] {
    for (const auto& path : files) {
      const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
      while (::read(fd.get(), buffer.data(), buffer.size()) > 0) {
      }
    }
  });
  Running running(nullptr);
  running.round();
  const double ours = median_of([&] { running.round(); });
  std::printf("%d cgroups of version %d, %zu files a round\n", kCgroups, tree->unified() ? 2 : 1, files.size());
  std::printf("open, read, close alone   %9.1f ms CPU\n", kernel / 1000);
  std::printf("collector cgroups         %9.1f ms CPU   %.2f times the bare reads (target: at most %.0f)%s\n",
              ours / 1000, ours / kernel, kTarget, ours / kernel > kTarget ? "   MISSED" : "");
  return 0;
}

/// Reads these files, which stay open, ten times a second: what any daemon that does so costs.
int loop(std::span<char*> paths) {
  constexpr int kTimes = 100;
  constexpr std::chrono::milliseconds kPause{100};
  std::vector<Fd> files;
  for (const char* path : paths) files.emplace_back(::open(path, O_RDONLY | O_CLOEXEC));
  std::array<char, 16384> buffer{};
  const double begin = cpu_microseconds();
  for (int i = 0; i < kTimes; ++i) {
    std::this_thread::sleep_for(kPause);
    for (const Fd& file : files) {
      if (::pread(file.get(), buffer.data(), buffer.size(), 0) < 0) return std::perror("pread"), 1;
    }
  }
  const double share =
      (cpu_microseconds() - begin) / static_cast<double>(kTimes * std::chrono::microseconds(kPause).count());
  std::printf("%.3f\n", share * 100);
  return 0;
}

}  // namespace
}  // namespace vitalsd

int main(int argc, char** argv) { return argc > 1 ? vitalsd::loop({argv + 1, argv + argc}) : vitalsd::measure(); }
