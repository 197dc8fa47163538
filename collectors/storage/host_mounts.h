// The mounts of the host, as its first process sees them, and where they lie below the root under which the daemon sees
// it.
//   if (const auto read = mounts.read(context); !read) return read;
//   for (const Mount& mount : mounts.all()) ... mounts.below(mount.point)
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "collectors/formats/mountinfo.h"
#include "core/collector.h"

namespace vitalsd {

/// The point without the prefix under which the host's root is seen; empty when it lies elsewhere.
std::string_view below_root(std::string_view root, std::string_view point);

class HostMounts {
 public:
  /// Those of process 1; the daemon's own where they are denied, or there is no such process.
  Result<void> read(CollectContext& context);

  std::span<const Mount> all() const noexcept { return mounts_.all; }
  /// They are the daemon's own, which in a container are not all of the host.
  bool of_self() const noexcept { return of_self_; }

 private:
  bool of_self_ = false;
  std::string text_;
  Mounts mounts_;
};

}  // namespace vitalsd
