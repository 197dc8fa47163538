// Whether the kernel has killed for want of memory in the cgroup of a target (version 1, where nothing else reports it
// at that moment: Documentation/admin-guide/cgroup-v1/memory.rst).
//   oom.note(context, pid); oom.keep(resident); ... it has ended: if (const auto cgroup = oom.killed_in(context);
//   !cgroup.empty())
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/collector.h"

namespace vitalsd {

class OomCount {
 public:
  /// Reads what the cgroup of the process has counted so far.
  void note(CollectContext& context, std::int32_t pid);
  /// The process was still alive after that: what was read is from before its end. `resident` is in bytes.
  void keep(double resident) noexcept {
    count_ = next_;
    resident_ = resident;
  }
  /// The cgroup, where it has counted a kill since; empty where not, or where that is not known.
  std::string_view killed_in(CollectContext& context);
  /// As noted last; absent where it could not be read.
  double resident() const noexcept { return resident_; }

 private:
  void find_directory(const Host& host);
  std::optional<std::uint64_t> read(CollectContext& context);

  std::optional<std::string> directory_;  // of the controller, below paths.cgroupfs
  std::string cgroup_, path_, buffer_;
  std::optional<std::uint64_t> next_, count_;
  double resident_ = kAbsent;
};

}  // namespace vitalsd
