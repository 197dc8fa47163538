// Samples all processes from /proc, through descriptors that stay open between rounds as far as the budget allows.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "collectors/formats/pid/pid_schedstat.h"
#include "collectors/kit/pid_path.h"
#include "collectors/process/sources/process_source.h"
#include "collectors/process/sources/thread_reader.h"
#include "core/fd.h"

namespace vitalsd {

/// How many descriptors this source may keep open within RLIMIT_NOFILE, which leaves those that the daemon needs.
std::size_t procfs_descriptor_budget();

class ProcfsSource final : public ProcessSource {
 public:
  /// With `sum_threads` the switches and states include all threads of a process. Without it they are those of the
  /// first thread, for a caller that reads the threads itself.
  explicit ProcfsSource(std::size_t descriptor_budget, bool sum_threads = true)
      : budget_(descriptor_budget), sum_threads_(sum_threads) {}

  std::string_view name() const noexcept override { return "procfs"; }
  Result<std::span<const ProcessSample>> scan(CollectContext& context) override;
  Result<void> detail(CollectContext& context, ProcessSample& sample) override;

  std::size_t open_descriptors() const noexcept { return open_; }

 private:
  enum File : std::size_t { kStat, kSchedstat, kStatus, kIo, kFiles };
  struct Switches {
    std::int32_t tid;
    std::uint64_t voluntary, nonvoluntary;
  };
  struct Process {
    ProcessId id;
    std::array<Fd, kFiles> files;
    std::uint64_t seen = 0;     // in which round
    std::uint64_t changed = 0;  // the round in which its stat last differed
    std::uint64_t limits_read = 0;
    bool keep = true;
    bool detailed = false;
    std::uint64_t run_time = 0;         // from schedstat, if `detailed`
    std::uint64_t resident_before = 0;  // resident memory according to stat, if `detailed`
    ProcessSample last;                 // including all details, if `detailed`
    std::vector<Switches> threads;
  };

  Result<std::string_view> read(CollectContext& context, Process& process, File file);
  Result<void> scan_one(CollectContext& context, std::int32_t pid);
  bool take_stat(CollectContext& context, Process& process, ProcessSample& sample, std::string_view text);
  static bool slept(const Process& process, const ProcessSample& sample, const PidSchedstat& sched);
  Result<void> read_schedstat(CollectContext& context, Process& process, PidSchedstat& sched);
  Result<void> read_status(CollectContext& context, Process& process, ProcessSample& sample);
  Result<void> read_io(CollectContext& context, Process& process, ProcessSample& sample);
  Result<void> read_descriptors(CollectContext& context, Process& process, ProcessSample& sample);
  Result<void> read_threads(CollectContext& context, Process& process, ProcessSample& sample);
  void forget_the_dead();
  void close(Process& process, std::size_t first = kStat);
  void share_budget();
  std::size_t wants(const Process& process) const noexcept;

  std::size_t budget_;
  bool sum_threads_;
  std::size_t open_ = 0;
  std::uint64_t round_ = 0;
  std::unordered_map<std::int32_t, std::unique_ptr<Process>> processes_;
  std::vector<Process*> by_change_;
  std::vector<ProcessSample> samples_;
  Names names_, fd_names_;
  PidPath path_;
  ThreadReader threads_;
};

}  // namespace vitalsd
