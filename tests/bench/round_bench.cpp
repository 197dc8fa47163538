// One round of all default collectors against the kernel's own price: a loop that opens, reads and closes the same
// files.
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/collector.h"
#include "exporters/text.h"

namespace vitalsd {
namespace {

constexpr int kRounds = 2000;

double cpu_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// Passes everything on and writes down which files were read.
class Recorder final : public FileSource {
 public:
  Recorder(std::string root, std::multiset<std::string>& seen)
      : root_(root), inner_(open_directory(root)), seen_(seen) {}
  Result<std::string_view> read(std::string_view path, std::string& buffer, Keep keep) const override {
    return note(path, inner_->read(path, buffer, keep));
  }
  Result<std::string_view> attribute(std::string_view path, std::string& buffer, Keep keep) const override {
    return note(path, inner_->attribute(path, buffer, keep));
  }
  Result<std::string_view> link(std::string_view path, std::string& buffer) const override {
    return inner_->link(path, buffer);
  }
  Result<void> list(std::string_view path, Names& out) const override { return inner_->list(path, out); }
  Result<std::uint64_t> count(std::string_view path, Names& scratch) const override {
    return inner_->count(path, scratch);
  }
  Result<int> open(std::string_view path) const override { return inner_->open(path); }
  bool is_kernel() const noexcept override { return inner_->is_kernel(); }

 private:
  Result<std::string_view> note(std::string_view path, Result<std::string_view> result) const {
    if (result) seen_.insert(root_ + "/" + std::string(path));
    return result;
  }
  std::string root_;
  std::unique_ptr<FileSource> inner_;
  std::multiset<std::string>& seen_;
};

class NoFaults final : public FaultSink {
 public:
  void partial(std::string_view, std::string_view, const Error&, std::string_view) override {}
};

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
    if (seen != nullptr) return std::make_unique<Recorder>(root, *seen);
    return open_directory(root);
  };
  return {open("/proc"),          open("/sys"),       open(""),
          open("/sys/fs/cgroup"), open("/proc/self"), Units::of_this_machine(),
          &clock_of_machine};
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

int bench() {
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

int main() { return vitalsd::bench(); }
