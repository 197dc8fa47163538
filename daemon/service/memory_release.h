// Gives memory back that only the start, or a reload, has needed.
#pragma once

namespace vitalsd {

/// Unused heap, and the pages of program and libraries: reading a configuration, compiling patterns and opening
/// sockets leaves most of them mapped. Those that are needed again come back from the page cache with their next use,
/// 16 KiB around each at the most.
void give_back_memory() noexcept;

}  // namespace vitalsd
