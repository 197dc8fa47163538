// What one process costs through ProcfsSource, against bare pread() loops over the same files kept open: what is more
// than that is ours.
//   procfs_bench [PROCESSES...]
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "collectors/process/sources/procfs_source.h"
#include "core/clock.h"
#include "core/faults.h"
#include "core/fd.h"
#include "tests/bench/children.h"
#include "tests/bench/median.h"

namespace vitalsd {
namespace {

constexpr int kRounds = 41;
constexpr std::array kFiles = {"/stat", "/status", "/io"};

struct Open {
  std::string directory;
  std::array<Fd, kFiles.size()> files;
};

std::vector<Open> open_all() {
  std::vector<Open> all;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string path = entry.path();
    if (path.find_first_not_of("0123456789", 6) != std::string::npos) continue;
    Open process{path + "/fd", {}};
    for (std::size_t i = 0; i < kFiles.size(); ++i) {
      process.files[i].reset(::open((path + kFiles[i]).c_str(), O_RDONLY | O_CLOEXEC));
    }
    all.push_back(std::move(process));
  }
  return all;
}

void bare_read(const std::vector<Open>& all) {
  std::array<char, 4096> buffer;
  struct stat status{};
  for (const Open& process : all) {
    for (const Fd& file : process.files) (void)!::pread(file.get(), buffer.data(), buffer.size(), 0);
    (void)!::stat(process.directory.c_str(), &status);
  }
}

int run(const std::vector<int>& counts) {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  const Clock clock;
  const Host host{.procfs = open_directory("/proc"), .units = Units::of_this_machine(), .clock = &clock};
  NoFaults faults;
  std::string text;
  CollectContext context{host, {}, {}, text, faults};
  std::printf("  %-10s %14s %14s %7s\n", "processes", "bare us each", "source us each", "ratio");
  for (const int count : counts) {
    const bench::Children children(count);
    const std::vector<Open> open = open_all();
    const std::size_t budget = procfs_descriptor_budget(), taken = kFiles.size() * open.size();
    ProcfsSource source(budget > taken ? budget - taken : 0);
    std::vector<double> bare, ours;
    std::size_t processes = 0;
    for (int round = 0; round < kRounds; ++round) {
      bare.push_back(bench::microseconds([&] { bare_read(open); }));
      ours.push_back(bench::microseconds([&] {
        const auto samples = source.scan(context);
        if (!samples) return;
        processes = samples->size();
        for (ProcessSample sample : *samples) (void)source.detail(context, sample);
      }));
    }
    bench::print_ratio(processes, bench::median(bare) / static_cast<double>(open.size()),
                       bench::median(ours) / static_cast<double>(processes), 1);
  }
  return 0;
}

}  // namespace
}  // namespace vitalsd

int main(int argc, char** argv) { return vitalsd::run(vitalsd::bench::counts_of(argc, argv)); }
