// Gives memory back to the kernel that only the start, a reload or a burst of clients needed.
//   give_back_memory(); if (burst.is_over(open, ended)) give_back_heap();
#pragma once

#include <cstddef>

namespace vitalsd {

/// Gives back the unused heap and the mapped pages of the program and its libraries, most of which are used only to
/// read a configuration, compile patterns and open sockets. A page that is used again is mapped again from the page
/// cache, with at most 16 KiB around it.
void give_back_memory() noexcept;

/// Gives back the unused heap alone.
void give_back_heap() noexcept;

/// Notices that many clients have come and gone, which leaves scattered unused memory in the heap.
class BurstWatch {
 public:
  /// To be called now and then, with the connections that are open and those that have ended since the start. True once
  /// after each burst.
  bool is_over(std::size_t open, std::size_t ended) noexcept;

 private:
  static constexpr std::size_t kMany = 32;    ///< connections open at once that make a burst
  static constexpr std::size_t kMost = 1000;  ///< connections ended one after another that make a burst
  std::size_t peak_ = 0, last_ended_ = 0;
};

}  // namespace vitalsd
