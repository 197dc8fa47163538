// The fixture for tests of the BPF source. Opens it, or skips the test with the reason; and reads the same processes
// from procfs to compare.
#pragma once

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "collectors/formats/pid/pid_io.h"
#include "collectors/formats/pid/pid_limits.h"
#include "collectors/formats/pid/pid_schedstat.h"
#include "collectors/formats/pid/pid_stat.h"
#include "collectors/formats/pid/pid_status.h"
#include "collectors/process/sources/bpf/bpf_source.h"
#include "tests/fakes/live_process.h"
#include "tests/fakes/run_collector.h"

namespace vitalsd {

inline NoFaults ignored_faults;

inline std::string content_of(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline std::string proc(pid_t pid, const std::string& file) { return "/proc/" + std::to_string(pid) + "/" + file; }

// What procfs shows of a process, with the sums of what only the threads' own files show.
struct Shown {
  struct Threads {
    std::uint64_t run_delay = 0, voluntary = 0, nonvoluntary = 0;
    bool operator==(const Threads&) const = default;
  };
  std::string stat, status, io, limits;
  std::uint64_t fds = 0;
  Threads threads;

  static Threads threads_of(pid_t pid) {
    Threads sum;
    for (const auto& task : std::filesystem::directory_iterator(proc(pid, "task"))) {
      const auto status = pid_status::parse(content_of(task.path() / "status"), ignored_faults);
      const auto sched = pid_schedstat::parse(content_of(task.path() / "schedstat"));
      if (!status || !sched) continue;
      sum.run_delay += sched->run_delay;
      sum.voluntary += status->voluntary_switches.value();
      sum.nonvoluntary += status->nonvoluntary_switches.value();
    }
    return sum;
  }
  static Shown of(pid_t pid) {
    std::error_code none;  // a zombie's directory cannot be listed
    const std::filesystem::directory_iterator fds(proc(pid, "fd"), none);
    return {content_of(proc(pid, "stat")),
            content_of(proc(pid, "status")),
            content_of(proc(pid, "io")),
            content_of(proc(pid, "limits")),
            static_cast<std::uint64_t>(std::distance(begin(fds), end(fds))),
            threads_of(pid)};
  }
};

// By how much status may be wrong: before 6.17 it omits what each CPU has not added to the counters yet.
inline std::uint64_t slack() {
  utsname name{};
  ::uname(&name);
  int major = 0, minor = 0;
  std::sscanf(static_cast<const char*>(name.release), "%d.%d", &major, &minor);
  if (major > 6 || (major == 6 && minor >= 17)) return 0;
  const auto cpus = static_cast<std::uint64_t>(::sysconf(_SC_NPROCESSORS_CONF));
  return std::max<std::uint64_t>(32, 2 * cpus) * cpus * Units::of_this_machine().page_size;
}

class BpfSource : public testing::Test {
 protected:
  // Keeps the children from running while the test does, even if they have just become zombies. For a task on another
  // CPU procfs counts the time up to now, but the iterator only up to the last tick.
  static void share_one_cpu_with_children() {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<std::size_t>(::sched_getcpu()), &one);
    ASSERT_EQ(::sched_setaffinity(0, sizeof(one), &one), 0);
  }

  void SetUp() override {
    share_one_cpu_with_children();
    std::string why;
    auto source = open_bpf_source(units_, why);
    if (!source) GTEST_SKIP() << why;
    source_ = std::move(*source);
  }

  std::span<const ProcessSample> scan() {
    const Host host{.procfs = open_directory("/proc"), .clock = &clock_};
    CollectContext context{host, {}, {}, buffer_, faults_};
    const auto done = source_->scan(context);
    if (!done) ADD_FAILURE() << describe(done.error());
    return samples_ = done.value_or(std::span<const ProcessSample>());
  }
  const ProcessSample* find(pid_t pid) const {
    const auto found = std::ranges::find(samples_, pid, [](const auto& sample) { return sample.id.pid; });
    return found == samples_.end() ? nullptr : &*found;
  }
  ProcessSample sample_of(pid_t pid) {
    scan();
    const ProcessSample* found = find(pid);
    EXPECT_NE(found, nullptr) << pid;
    return found == nullptr ? ProcessSample{} : *found;
  }

  // The sample of a process that does not run, and what procfs shows of it. Use it once per process, because procfs
  // remembers the times that it has shown.
  std::pair<ProcessSample, Shown> still(pid_t pid) {
    for (int waited = 0; waited < kPatience; ++waited) {
      const auto before = Shown::threads_of(pid);
      ::usleep(1000);
      if (Shown::threads_of(pid) != before) continue;
      const ProcessSample sample = sample_of(pid);
      const Shown shown = Shown::of(pid);
      if (Shown::threads_of(pid) == before) return {sample, shown};
    }
    ADD_FAILURE() << pid << " does not hold still";
    return {};
  }

  static void expect_near(std::uint64_t nanoseconds, std::uint64_t ticks, std::uint64_t tick) {
    const auto width = static_cast<double>(tick);
    EXPECT_NEAR(static_cast<double>(nanoseconds), (static_cast<double>(ticks) + 0.5) * width, 1.5 * width);
  }

  void expect_stat(const ProcessSample& sample, const Shown& shown) const {
    const auto stat = pid_stat::parse(shown.stat);
    ASSERT_TRUE(stat) << shown.stat;
    const auto tick = static_cast<std::uint64_t>(1e9 / units_.ticks_per_second);
    EXPECT_EQ(sample.id, (ProcessId{stat->pid, stat->starttime}));
    EXPECT_EQ(std::string_view(sample.comm), stat->comm);
    EXPECT_EQ(sample.state, stat->state);
    EXPECT_EQ(sample.ppid, stat->ppid);
    EXPECT_EQ(sample.threads, stat->num_threads);
    // How procfs splits the sum depends on all its earlier reads, including those of others on this machine.
    expect_near(sample.counts.user, stat->utime, tick);
    expect_near(sample.counts.system, stat->stime, tick);
    const std::uint64_t all = sample.counts.user + sample.counts.system;
    EXPECT_GE(all, (stat->utime + stat->stime) * tick);
    EXPECT_LT(all, (stat->utime + stat->stime + 2) * tick);
    EXPECT_EQ(sample.children_user / tick, stat->cutime);
    EXPECT_EQ(sample.children_system / tick, stat->cstime);
    EXPECT_EQ(sample.counts.minor_faults, stat->minflt);
    EXPECT_EQ(sample.counts.major_faults, stat->majflt);
    EXPECT_EQ(sample.virtual_bytes, stat->vsize);
  }

  void expect_rest(const ProcessSample& sample, const Shown& shown) const {
    const auto status = pid_status::parse(shown.status, ignored_faults);
    const auto limits = pid_limits::parse(shown.limits, ignored_faults);
    ASSERT_TRUE(status && limits);
    EXPECT_EQ(sample.uid, status->euid.value_or(~0U));
    EXPECT_EQ(sample.fd_limit, limits->open_files);
    EXPECT_EQ(sample.has & Has::resident, status->anon.has_value());
    EXPECT_EQ(sample.has & Has::swap, status->swap.has_value());
    EXPECT_NEAR(static_cast<double>(sample.anon_bytes), static_cast<double>(status->anon.value_or(0)), slack_);
    EXPECT_NEAR(static_cast<double>(sample.file_bytes), static_cast<double>(status->file.value_or(0)), slack_);
    EXPECT_NEAR(static_cast<double>(sample.shmem_bytes), static_cast<double>(status->shmem.value_or(0)), slack_);
    EXPECT_NEAR(static_cast<double>(sample.swap_bytes), static_cast<double>(status->swap.value_or(0)), slack_);
    EXPECT_EQ(sample.resident_bytes, sample.anon_bytes + sample.file_bytes + sample.shmem_bytes);
    EXPECT_EQ(sample.counts.run_delay, shown.threads.run_delay);
    EXPECT_TRUE(sample.has & Has::fds);
    EXPECT_EQ(sample.fds, shown.fds);
    if (const auto io = pid_io::parse(shown.io, ignored_faults)) {
      EXPECT_TRUE(sample.has & Has::io);
      EXPECT_EQ(sample.counts.read_bytes, io->read_bytes.value_or(~0ULL));
      EXPECT_EQ(sample.counts.write_bytes, io->write_bytes.value_or(~0ULL));
    }
  }

  const Units units_ = Units::of_this_machine();
  const double slack_ = static_cast<double>(slack());
  const Clock clock_;
  std::string buffer_;
  RecordingFaults faults_;
  std::unique_ptr<ProcessSource> source_;
  std::span<const ProcessSample> samples_;
};

}  // namespace vitalsd
