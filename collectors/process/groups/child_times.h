// Accounts for processes that nobody saw: the kernel adds the CPU time of each child that is waited for, and of its
// own such children, to its parent. What a parent's sum grew by, less what was already seen of those that are gone, was
// used by processes that were born or ended between two rounds.
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
  /// Begins a round. A scan takes time: a child may be missed in one round and its parent's sum grow in the next, so
  /// what was not set off yet is kept for a few.
  void begin();
  /// The sum of a live process's waited-for children grew.
  void grew(std::int32_t pid, std::uint64_t nanoseconds) { growths_.push_back({pid, nanoseconds}); }
  /// A process that was seen before is no more; `seen` is its own time and its children's as they were last told.
  void gone(std::int32_t pid, std::int32_t parent, std::uint64_t seen) { gone_.push_back({pid, parent, seen, 0}); }
  /// What remains to be accounted for, by living parent.
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
