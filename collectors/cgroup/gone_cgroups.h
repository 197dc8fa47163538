// What cgroups that have gone had counted, under their own labels, until a scrape has surely seen it.
//   gone.begin(now); gone.note(id, inode, counters, past); past = gone.take(id, inode); gone.settle(); gone.entries()
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "collectors/cgroup/container_path.h"
#include "collectors/cgroup/event_counters.h"
#include "collectors/formats/container_names.h"

namespace vitalsd {

/// Who scrapes is not known here: a round has reported it, and `linger` has passed since.
class GoneCgroups {
 public:
  static constexpr std::size_t kMost = 1000;

  struct Entry {
    ContainerIdentity identity;                   ///< views into the key
    std::shared_ptr<const ContainerNames> names;  ///< null: not known
    EventCounters counters;
    EventCounters past;                  ///< what of these others counted that had its name before
    std::optional<std::uint64_t> inode;  ///< of its directory, 0 where that is not known; none: it was never noted
    std::chrono::steady_clock::time_point since;
    bool old = false;  ///< it was there at the end of a round
  };
  using Entries = std::map<std::string, Entry, std::less<>>;

  explicit GoneCgroups(std::chrono::nanoseconds linger) : linger_(linger) {}

  /// Of a round: those whose time is over are forgotten.
  void begin(std::chrono::steady_clock::time_point now);
  /// It is not there any more. `inode`: of its directory; 0: not known. `past`: see EventCounters of Cgroup.
  void note(std::string_view id, std::uint64_t inode, const EventCounters& counters, const EventCounters& past,
            std::shared_ptr<const ContainerNames> names = {});
  /// One that went without being read again had kills after that.
  void add_oom_kills(std::string_view id, double kills);
  /// There is one of this name. What those before it have counted: the one that was noted, too, unless it is the same,
  /// which a walk that was cut short may have missed.
  EventCounters take(std::string_view id, std::uint64_t inode);
  /// At the end of a round: those without any event go, and the oldest of too many.
  void settle();
  const Entries& entries() const noexcept { return entries_; }

 private:
  Entry& meet(std::string_view id);

  std::chrono::nanoseconds linger_;
  std::chrono::steady_clock::time_point now_;
  Entries entries_;
};

}  // namespace vitalsd
