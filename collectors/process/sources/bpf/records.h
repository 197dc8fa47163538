// Turns what the iterator program wrote into samples, and keeps from round to round what makes counts only grow.
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

/// As /proc/PID/stat prints it (fs/proc/array.c get_task_state()), from the bits of include/linux/sched.h.
char state_letter(std::uint32_t state, std::uint32_t exit_state) noexcept;

class Records {
 public:
  explicit Records(const Units& units);

  /// One round: all that `fd` gives up to its end, by pid, until the next. `buffer` holds at least one record. `first`,
  /// if any, was found out by other means and comes before all. Malformed: not what the program writes, or the last
  /// record is cut; timed_out: `stop` was requested. After a failure all records must be whole once.
  Result<std::span<const ProcessSample>> read(int fd, std::span<char> buffer, const std::stop_token& stop,
                                              const ProcessSample* first = nullptr);

 private:
  Result<void> read_all(int fd, std::span<char> buffer, const std::stop_token& stop);
  Result<std::size_t> take(std::span<const char> bytes);
  Result<void> take_unchanged(std::span<const char> bytes);
  Result<void> take_whole(std::span<const char> bytes);
  ProcessSample sample_of(const ProcessRecord& record) const;
  static void let_grow(const ProcessSample& told, ProcessSample& sample);
  ProcessSample* known(std::int32_t pid) noexcept;
  void put(const ProcessSample& sample);
  void end_round(bool whole);

  std::uint64_t tick_;  // ns
  std::uint64_t page_;
  // By pid, as the kernel gives them. In a round those up to kept_ are of this one, from next_ on of the last.
  std::vector<ProcessSample> samples_;
  std::size_t kept_ = 0, next_ = 0;
  std::vector<ProcessSample> born_;
};

}  // namespace vitalsd
