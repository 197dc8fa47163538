// One round of all default collectors against the kernel's own price: a loop that opens, reads and closes the same
// files.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/collector.h"
#include "core/cpu_time.h"
#include "core/faults.h"
#include "exporters/text.h"
#include "tests/bench/recorder.h"

namespace vitalsd {
namespace {

constexpr int kRounds = 2000;

double cpu_seconds() { return seconds(process_cpu()); }

struct Running {
  std::string name;
  std::unique_ptr<Collector> collector;
  Host host;
  Block block;
  std::string buffer;
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
          .cgroupfs = open("/sys/fs/cgroup"),
          .self = open("/proc/self"),
          .units = Units::of_this_machine(),
          .clock = &clock_of_machine};
}

std::vector<std::unique_ptr<Running>> start_all(std::multiset<std::string>* seen) {
  std::vector<std::unique_ptr<Running>> all;
  for (const CollectorSpec& spec : registered_collectors()) {
    if (!spec.enabled) continue;
    auto running = std::make_unique<Running>();
    running->name = spec.name;
    running->collector = spec.make(Options::defaults(spec.options));
    running->host = host_of(seen);
    all.push_back(std::move(running));
  }
  return all;
}

void run(Running& running) {
  NoFaults faults;
  running.block.clear();
  BlockSink sink(running.block);
  CollectContext context{running.host, {}, {}, running.buffer, faults};
  if (running.collector->collect(context, sink)) running.block.finish();
}

template <class F>
double microseconds_of(F round) {
  for (int i = 0; i < 50; ++i) round();
  const double begin = cpu_seconds();
  for (int i = 0; i < kRounds; ++i) round();
  return (cpu_seconds() - begin) / kRounds * 1e6;
}

int measure() {
  std::multiset<std::string> files;
  {
    auto all = start_all(&files);
    for (auto& running : all) run(*running);  // the first round also reads what never changes: not counted
    files.clear();
    for (auto& running : all) run(*running);
  }
  std::vector<char> buffer(1 << 20);
  const double kernel = microseconds_of([&] {
    for (const auto& path : files) {
      const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
      while (::read(fd, buffer.data(), buffer.size()) > 0) {
      }
      ::close(fd);
    }
  });
  auto all = start_all(nullptr);
  std::map<std::string, double> each;
  const double ours = microseconds_of([&] {
    for (auto& running : all) run(*running);
  });
  for (auto& running : all) each[running->name] = microseconds_of([&] { run(*running); });
  std::printf("%zu files a round\n", files.size());
  std::printf("open, read, close alone   %8.1f us CPU\n", kernel);
  std::printf("all default collectors    %8.1f us CPU   %.2f times the kernel's price (target: at most 2)\n", ours,
              ours / kernel);
  for (const auto& [name, cost] : each) std::printf("  %-22s %9.1f us\n", name.c_str(), cost);
  return ours / kernel > 2;
}

}  // namespace
}  // namespace vitalsd

int main() { return vitalsd::measure(); }
