// What one process costs a scan by the BPF iterator, against a bare read() of the same iterator to its end: what is
// more than that is ours, the rest the kernel's.
//   bpf_bench [PROCESSES...]
#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "collectors/process/sources/bpf/bpf_source.h"
#include "core/faults.h"
#include "core/fd.h"
#include "tests/bench/children.h"
#include "tests/bench/median.h"

namespace vitalsd {
namespace {

constexpr int kRounds = 201;

// The link that the source holds, found among our own descriptors.
int link_of_this_process() {
  for (int fd = 3; fd < 1024; ++fd) {
    std::ifstream info("/proc/self/fdinfo/" + std::to_string(fd));
    const std::string text{std::istreambuf_iterator<char>(info), {}};
    if (text.find("link_type:\titer") != std::string::npos) return fd;
  }
  return -1;
}

// No parsing, no copy of what was read: the least that a reader does.
void bare_read(int link, std::vector<char>& buffer) {
  bpf_attr attributes{};
  attributes.iter_create.link_fd = static_cast<__u32>(link);
  const Fd pass(static_cast<int>(::syscall(SYS_bpf, BPF_ITER_CREATE, &attributes, sizeof attributes)));
  while (::read(pass.get(), buffer.data(), buffer.size()) > 0) {
  }
}

int run(const std::vector<int>& counts) {
  std::string why;
  const auto source = open_bpf_source(Units::of_this_machine(), why);
  if (!source) {
    std::printf("  skipped: %s\n", why.c_str());
    return 0;
  }
  const int link = link_of_this_process();
  const Clock clock;
  const Host host{.procfs = open_directory("/proc"), .clock = &clock};
  NoFaults faults;
  std::string text;
  CollectContext context{host, {}, {}, text, faults};
  std::size_t processes = 0;
  std::vector<char> buffer(std::size_t{64} << 10U);
  std::printf("  %-10s %14s %14s %7s\n", "processes", "bare ns each", "scan ns each", "ratio");
  for (const int count : counts) {
    const bench::Children children(count);
    std::vector<double> bare, scan;
    // Not all arrives when somebody else has read the iterator before: the next tells it again.
    const auto scan_once = [&] {
      if (const auto samples = (*source)->scan(context)) processes = samples->size();
    };
    for (int i = 0; i < 2; ++i) scan_once();
    for (int round = 0; round < kRounds; ++round) {
      bare.push_back(bench::microseconds([&] { bare_read(link, buffer); }));
      scan.push_back(bench::microseconds([&] { scan_once(); }));
    }
    const double each = 1000.0 / static_cast<double>(processes);
    bench::print_ratio(processes, bench::median(bare) * each, bench::median(scan) * each, 0);
  }
  return 0;
}

}  // namespace
}  // namespace vitalsd

int main(int argc, char** argv) { return vitalsd::run(vitalsd::bench::counts_of(argc, argv)); }
