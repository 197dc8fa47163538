// The format of /proc/PID/smaps_rollup (Documentation/filesystems/proc.rst): memory shared out among its users.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/result.h"

namespace vitalsd {

/// In bytes.
struct PidSmaps {
  std::uint64_t pss = 0;       ///< resident, each page divided by the number of processes that map it
  std::uint64_t swap_pss = 0;  ///< swapped out, likewise
};

namespace pid_smaps {

/// Fails as malformed when `Pss` or `SwapPss` is missing or no number: they are published as a pair, of one moment, and
/// what was read before stays rather than half of it.
Result<PidSmaps> parse(std::string_view text);

}  // namespace pid_smaps
}  // namespace vitalsd
