// The format of /proc/PID/smaps_rollup (Documentation/filesystems/proc.rst): memory divided among the processes that
// use it.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/result.h"

namespace vitalsd {

/// All in bytes.
struct PidSmaps {
  std::uint64_t pss = 0;       ///< resident, each page divided by the number of processes that map it
  std::uint64_t swap_pss = 0;  ///< swapped out, divided likewise
};

namespace pid_smaps {

/// Malformed if `Pss` or `SwapPss` is missing or not a number. They are published as a pair from one moment, so the
/// previous pair is kept instead of half of a new one.
Result<PidSmaps> parse(std::string_view text);

}  // namespace pid_smaps
}  // namespace vitalsd
