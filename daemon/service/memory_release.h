// Gives memory back that only the start, a reload or a crowd of clients has needed.
//   give_back_memory(); if (burst.is_over(open, ended)) give_back_heap();
#pragma once

#include <cstddef>

namespace vitalsd {

/// Unused heap, and the pages of program and libraries: reading a configuration, compiling patterns and opening
/// sockets leaves most of them mapped. Those that are needed again come back from the page cache with their next use,
/// 16 KiB around each at the most.
void give_back_memory() noexcept;

/// Unused heap alone.
void give_back_heap() noexcept;

/// Notices when many clients have been here and gone: what they have needed lies in the heap, scattered.
class BurstWatch {
 public:
  /// Looked at once in a while; `ended` connections in all, since the start. True once after each burst.
  bool is_over(std::size_t open, std::size_t ended) noexcept;

 private:
  static constexpr std::size_t kMany = 32;    ///< open at once
  static constexpr std::size_t kMost = 1000;  ///< ended one after the other
  std::size_t peak_ = 0, told_ = 0;
};

}  // namespace vitalsd
