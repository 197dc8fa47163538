// Reads proportional memory with bounded cost. smaps_rollup walks the page tables under the process's memory lock, so
// large processes are left out and each round has a budget; processes that must wait keep their last values. Linux
// before 4.14 has only smaps, whose mappings are added up.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "collectors/formats/pid/pid_smaps.h"
#include "collectors/kit/pid_path.h"
#include "collectors/process/sources/process_sample.h"
#include "core/collector.h"

namespace vitalsd {

class SmapsReader {
 public:
  /// The last known values of one process; the caller keeps them.
  struct Memory {
    bool known = false;
    std::uint64_t pss = 0, swap_pss = 0;  ///< bytes
    std::uint64_t round = 0;              ///< the round in which it was read
  };

  /// `limit` is in bytes, resident and swapped; larger processes are left out.
  explicit SmapsReader(std::uint64_t limit) : limit_(limit) {}

  void begin_round(CollectContext& context);
  /// Updates `memory` if that is due and allowed. Errors: denied, malformed. A process without memory of its own is not
  /// an error.
  Result<void> read(CollectContext& context, const ProcessSample& sample, Memory& memory);
  /// The number of processes that were left out in this round because of their size.
  std::uint64_t too_large() const noexcept { return too_large_; }

 private:
  Result<std::optional<PidSmaps>> read_rollup(CollectContext& context, std::int32_t pid);
  Result<std::optional<PidSmaps>> add_up(CollectContext& context, std::int32_t pid);
  Result<std::optional<PidSmaps>> fetch(CollectContext& context, std::int32_t pid);

  std::uint64_t limit_;
  std::uint64_t round_ = 0;
  std::uint64_t oldest_ = 0;  // processes that were read in this round or before come first
  std::uint64_t too_large_ = 0;
  bool all_read_ = true;
  std::optional<bool> lacks_rollup_;  // set once a rollup was missing
  std::chrono::steady_clock::time_point stop_at_;
  PidPath path_;
};

}  // namespace vitalsd
