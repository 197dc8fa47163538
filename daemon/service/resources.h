// What the process needs of the system before it starts: descriptors and memory, with a clear end where they lack.
//   if (const std::string lack = claim_descriptors(); !lack.empty()) { print it; return kExitFailed; }
#pragma once

#include <cstddef>
#include <string>

namespace vitalsd {

/// Fewer descriptors than this leave no room for connections beside what the collectors read.
inline constexpr std::size_t kNeededDescriptors = 96;

/// Raises the soft limit of descriptors towards the hard one, as far as the daemon can use it. What is lacking, with
/// its remedy; empty: nothing.
std::string claim_descriptors();
/// How many connections `descriptors` leave room for, at most `most`.
std::size_t connections_for(std::size_t descriptors, std::size_t most) noexcept;
/// The soft limit of this process.
std::size_t descriptor_limit() noexcept;
/// From now on memory that lacks where nothing can be done about it ends the process with one line, not with an abort.
void end_clearly_without_memory() noexcept;

}  // namespace vitalsd
