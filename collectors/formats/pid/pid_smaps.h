// The formats of /proc/PID/smaps_rollup and /proc/PID/smaps (Documentation/filesystems/proc.rst): memory divided among
// the processes that use it, for the whole process or for each of its mappings.
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

/// Parses smaps_rollup. Malformed if `Pss` or `SwapPss` is missing or not a number. They are published as a pair from
/// one moment, so the previous pair is kept instead of half of a new one.
Result<PidSmaps> parse(std::string_view text);

/// Adds up the mappings of smaps, passed in pieces that may end anywhere, since a process with many mappings has tens
/// of megabytes of it. The kernel rounds each mapping down to whole KiB, and the rollup only once.
///   Sum sum; while (there is more) sum.add(piece); sum.result()
class Sum {
 public:
  void add(std::string_view piece) noexcept;
  /// Empty for a process without mappings, such as a kernel thread or a zombie. Malformed if a line of a mapping is
  /// missing or not a number, since the sum of the others would be too small.
  Result<std::optional<PidSmaps>> result() noexcept;

 private:
  void end_line() noexcept;

  std::array<char, 64> line_{};  // the beginning of the line; longer lines name files
  std::size_t size_ = 0;
  std::uint64_t pss_lines_ = 0, swap_lines_ = 0;
  bool any_ = false, broken_ = false;
  PidSmaps sum_;
};

}  // namespace pid_smaps
}  // namespace vitalsd
