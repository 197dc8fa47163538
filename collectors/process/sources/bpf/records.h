// Turns the iterator program's records into samples, and keeps counts from falling between rounds.
//   Records records(units); if (const auto read = records.read(fd, buffer, stop, samples); !read) ...
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <stop_token>
#include <vector>

#include "collectors/process/sources/bpf/record.h"
#include "collectors/process/sources/process_sample.h"
#include "core/result.h"
#include "core/units.h"

namespace vitalsd {

/// The letter that /proc/PID/stat prints (fs/proc/array.c get_task_state()), from the bits of include/linux/sched.h.
char state_letter(std::uint32_t state, std::uint32_t exit_state) noexcept;

class Records {
 public:
  explicit Records(const Units& units);

  /// Reads one round from `fd` to its end. The samples are sorted by pid and valid until the next call. `buffer` holds
  /// at least one record. `first`, if any, is a sample from another source that precedes all others. Errors: malformed
  /// (not the program's format, or the last record is cut), timed_out (`stop`). After an error the next round must have
  /// full records.
  Result<std::span<const ProcessSample>> read(int fd, std::span<char> buffer, const std::stop_token& stop,
                                              const ProcessSample* first = nullptr);

 private:
  Result<void> read_all(int fd, std::span<char> buffer, const std::stop_token& stop);
  Result<std::size_t> take(std::span<const char> bytes);
  Result<void> take_unchanged(std::span<const char> bytes);
  Result<void> take_whole(std::span<const char> bytes);
  ProcessSample sample_of(const ProcessRecord& record) const;
  static void let_grow(const ProcessSample& last, ProcessSample& sample);
  ProcessSample* known(std::int32_t pid) noexcept;
  void put(const ProcessSample& sample);
  void end_round(bool whole);

  std::uint64_t tick_;  // ns
  std::uint64_t page_;
  // By pid, as the kernel writes them. During a round, [0, kept_) is of this round, and from next_ on of the previous
  // one.
  std::vector<ProcessSample> samples_;
  std::size_t kept_ = 0, next_ = 0;
  std::vector<ProcessSample> born_;
};

}  // namespace vitalsd
