// What a history takes of memory and time for this machine's own series: all collectors that are on by default, as many
// rounds as the first argument says (180), so many milliseconds apart as the second does (1000).
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "core/collector.h"
#include "core/cpu_time.h"
#include "core/faults.h"
#include "daemon/history/history.h"

namespace vitalsd {
namespace {

struct Running {
  std::string name;
  std::unique_ptr<Collector> collector;
  Host host;
  Block block;
  std::string buffer;
};

void print(const char* what, const History& history, double observing) {
  std::size_t samples = 0;
  std::map<std::string_view, std::pair<std::size_t, std::size_t>> by_family;  // samples, and bytes of their chunks
  history.each_series([&](const SeriesView& series) {
    samples += series.size();
    auto& [count, bytes] = by_family[series.family()];
    count += series.size();
    bytes += series.chunks() * sizeof(Chunk);
  });
  const auto begin = thread_cpu();
  double sum = 0;
  history.each_series([&](const SeriesView& series) {
    for (Points points = series.points({}, History::Time::max()); points.next();) sum += points.value();
  });
  const double reading = seconds(thread_cpu() - begin);
  const auto of = [](double all, std::size_t count) { return all / static_cast<double>(count); };
  std::printf("%-22s %5zu series %8zu samples %8zu bytes: %.2f a sample; observe %.0f ns, read %.0f ns a sample\n",
              what, history.series(), samples, history.bytes(), of(static_cast<double>(history.bytes()), samples),
              of(observing * 1e9, samples), of(reading * 1e9, samples));
  if (std::getenv("BY_FAMILY") == nullptr) return;
  for (const auto& [family, cost] : by_family) {
    std::printf("  %-50s %7zu samples %6.2f bytes each\n", std::string(family).c_str(), cost.first,
                of(static_cast<double>(cost.second), cost.first));
  }
}

void measure(int rounds, std::chrono::milliseconds interval) {
  const Clock clock;
  std::vector<std::unique_ptr<Running>> all;
  for (const CollectorSpec& spec : registered_collectors()) {
    if (!spec.enabled && spec.name != "cgroups") continue;
    all.push_back(std::make_unique<Running>());
    all.back()->name = spec.name;
    all.back()->collector = spec.make(Options::defaults(spec.options));
    all.back()->host = {.procfs = open_directory("/proc"),
                        .sysfs = open_directory("/sys"),
                        .rootfs = open_directory("/"),
                        .cgroupfs = open_directory("/sys/fs/cgroup"),
                        .udev = open_directory("/run/udev/data"),
                        .self = open_directory("/proc/self"),
                        .units = Units::of_this_machine(),
                        .clock = &clock};
  }
  History remembered, everything;
  const std::chrono::hours window(24);
  remembered.configure({.window = window, .most_bytes = 64 << 20, .families = {}});
  everything.configure({.window = window, .most_bytes = 64 << 20, .families = {"*"}});
  double of_remembered = 0, of_everything = 0;
  auto due = clock.steady();
  for (int round = 0; round < rounds; ++round) {
    std::this_thread::sleep_until(due += interval);
    for (auto& one : all) {
      NoFaults faults;
      one->block.clear();
      BlockSink sink(one->block);
      CollectContext context{one->host, {}, {}, one->buffer, faults};
      if (!one->collector->collect(context, sink)) continue;
      one->block.finish();
      const auto now = clock.steady();
      const auto begin = thread_cpu();
      remembered.observe(one->name, one->block, now);
      const auto middle = thread_cpu();
      everything.observe(one->name, one->block, now);
      of_remembered += seconds(middle - begin);
      of_everything += seconds(thread_cpu() - middle);
    }
  }
  print("what is remembered", remembered, of_remembered);
  print("everything", everything, of_everything);
}

}  // namespace
}  // namespace vitalsd

int main(int count, char** arguments) {
  const int rounds = count > 1 ? std::atoi(arguments[1]) : 180;
  vitalsd::measure(rounds, std::chrono::milliseconds(count > 2 ? std::atoi(arguments[2]) : 1000));
}
