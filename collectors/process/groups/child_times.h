// Accounts for the CPU time of processes that no round saw. The kernel adds the time of each child that is waited for,
// with that of its own such children, to the parent. The growth of that sum, less what rounds already saw of processes
// that have gone, was used by processes that were born or ended between two rounds.
//   times.begin(); times.grew(parent, 30); times.gone(child, parent, 10); times.settle() -> 20 of `parent`
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace vitalsd {

class ChildTimes {
 public:
  struct Growth {
    std::int32_t pid;
    std::uint64_t nanoseconds;
  };
  /// Begins a round. Keeps what is not settled for a few rounds, since a scan takes time: it may miss a child in one
  /// round while the sum of its parent grows only in the next.
  void begin();
  /// Notes that the sum of a living process's waited-for children grew.
  void grew(std::int32_t pid, std::uint64_t nanoseconds) { growths_.push_back({pid, nanoseconds}); }
  /// Notes that a known process has gone. `seen` is the last known time of the process and its children.
  void gone(std::int32_t pid, std::int32_t parent, std::uint64_t seen) { gone_.push_back({pid, parent, seen, 0}); }
  /// The time that remains to be accounted for, by living parent.
  std::span<const Growth> settle();

 private:
  struct Gone {
    std::int32_t pid, parent;
    std::uint64_t seen;
    int rounds;
  };
  Growth* growth_of(std::int32_t pid);
  const Gone* find_gone(std::int32_t pid) const;

  std::vector<Growth> growths_;
  std::vector<Gone> gone_;
};

}  // namespace vitalsd
