// The formats of /proc/PID/smaps_rollup and /proc/PID/smaps (Documentation/filesystems/proc.rst): memory shared out
// among its users, of the whole process or of each of its mappings.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/result.h"

namespace vitalsd {

/// All in bytes.
struct PidSmaps {
  std::uint64_t pss = 0;       ///< resident, each page divided by the number of processes that map it
  std::uint64_t swap_pss = 0;  ///< swapped out, divided likewise
};

namespace pid_smaps {

/// Of smaps_rollup. Fails as malformed when `Pss` or `SwapPss` is missing or no number: they are published as a pair,
/// of one moment, and what was read before stays rather than half of it.
Result<PidSmaps> parse(std::string_view text);

/// Adds up the mappings of smaps as it comes, in pieces that may end anywhere: of a process with many mappings it is
/// tens of megabytes long. Each is rounded down to whole KiB, which the rollup does once.
///   Sum sum; while (there is more) sum.add(piece); sum.result()
class Sum {
 public:
  void add(std::string_view piece) noexcept;
  /// Empty for a process without any mapping, as a kernel thread or a zombie. Malformed when a line of a mapping is
  /// missing or no number: the rest would be too small a sum.
  Result<std::optional<PidSmaps>> result() noexcept;

 private:
  void end_line() noexcept;

  std::array<char, 64> line_{};  // how it begins: longer ones name files
  std::size_t size_ = 0;
  std::uint64_t pss_lines_ = 0, swap_lines_ = 0;
  bool any_ = false, broken_ = false;
  PidSmaps sum_;
};

}  // namespace pid_smaps
}  // namespace vitalsd
