// What a round of the collector `targets` costs, against a loop that only opens, reads and closes the same files.
//   targets_bench [TARGETS [ROUNDS]]; --check: no figures, exit 1 when a warm round allocates.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>
#include <vector>

#include "core/collector.h"
#include "core/faults.h"
#include "core/fd.h"
#include "tests/bench/children.h"

namespace {
std::size_t allocations = 0;
void* counted(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
}  // namespace

void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

namespace vitalsd {
namespace {

// The same files, each opened, read to its end and closed; links and the descriptors' number as the collector gets
// them.
class PlainLoop {
 public:
  explicit PlainLoop(const std::vector<pid_t>& pids) {
    for (const pid_t pid : pids) {
      const std::string dir = "/proc/" + std::to_string(pid) + "/";
      for (const char* file :
           {"stat", "status", "schedstat", "io", "limits", "cmdline", "oom_score", "oom_score_adj"}) {
        files_.push_back(dir + file);
      }
      for (const char* link : {"exe", "cwd"}) links_.push_back(dir + link);
      directories_.push_back(dir + "fd");
    }
  }
  void round() {
    for (const std::string& path : files_) {
      const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
      while (::read(fd.get(), buffer_.data(), buffer_.size()) > 0) {
      }
    }
    for (const std::string& path : links_) (void)!::readlink(path.c_str(), buffer_.data(), buffer_.size());
    struct stat info{};
    for (const std::string& path : directories_) (void)::stat(path.c_str(), &info);
  }

 private:
  std::vector<std::string> files_, links_, directories_;
  std::array<char, 16384> buffer_;
};

double cpu_microseconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& t) { return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_usec); };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

template <class Round>
void measure(const char* what, int rounds, int targets, Round round) {
  for (int i = 0; i < 10; ++i) round();
  const double cpu = cpu_microseconds();
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < rounds; ++i) round();
  const double wall = std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count();
  const double used = cpu_microseconds() - cpu;
  std::printf("%-32s %8.1f us wall, %8.1f us CPU a round; %6.1f us CPU a target\n", what, wall / rounds, used / rounds,
              used / rounds / targets);
}

int run(int targets, int rounds, bool check) {
  const bench::Children children(targets);
  std::vector<Record> records;
  for (const pid_t pid : children.pids()) {
    records.push_back({{"name", "child" + std::to_string(records.size())}, {"pid", std::to_string(pid)}});
  }
  const CollectorSpec& spec = *find_collector("targets");
  Options options = Options::defaults(spec.options);
  options.set("watch", {.text = {}, .items = {}, .records = records});
  const auto collector = spec.make(options);
  const Clock clock;
  Host host;
  host.procfs = open_directory("/proc");
  host.rootfs = open_directory("/", Resolve::in_root);
  host.units = Units::of_this_machine();
  host.clock = &clock;
  Block block;
  BlockSink sink(block);
  NoFaults faults;
  std::string buffer;
  std::size_t samples = 0;
  const auto round = [&] {
    block.clear();
    CollectContext context{host, {}, clock.steady() + std::chrono::seconds(10), buffer, faults};
    if (!collector->collect(context, sink)) std::abort();
    block.finish();
    samples = block.samples().size();
  };
  for (int i = 0; i < 10; ++i) round();
  const std::size_t before = allocations;
  for (int i = 0; i < 10; ++i) round();
  const std::size_t allocated = allocations - before;
  std::printf("%d targets, %zu samples, %zu allocations in 10 warm rounds\n", targets, samples, allocated);
  if (samples < static_cast<std::size_t>(targets) * 20) return 1;
  if (check) return allocated == 0 ? 0 : 1;
  PlainLoop plain(children.pids());
  measure("open, read, close", rounds, targets, [&] { plain.round(); });
  measure("collector", rounds, targets, round);
  return 0;
}

}  // namespace
}  // namespace vitalsd

int main(int argc, char** argv) {
  if (argc > 1 && std::strcmp(argv[1], "--check") == 0) {
    for (const int targets : {1, 12, 70}) {
      if (const int failed = vitalsd::run(targets, 0, true); failed != 0) return failed;
    }
    return 0;
  }
  return vitalsd::run(argc > 1 ? std::atoi(argv[1]) : 5, argc > 2 ? std::atoi(argv[2]) : 2000, false);
}
