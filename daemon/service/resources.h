// Claims the descriptors that the daemon needs at the start, and makes lack of memory end it with a clear message.
//   if (const std::string lack = claim_descriptors(); !lack.empty()) { print it; return kExitFailed; }
#pragma once

#include <cstddef>
#include <string>

namespace vitalsd {

/// Fewer descriptors than this leave no room for connections beside what the collectors read.
inline constexpr std::size_t kNeededDescriptors = 96;

/// Raises the soft limit of descriptors towards the hard one, as far as the daemon can use it. Returns a message with
/// the remedy if the limit is too low, else an empty one.
std::string claim_descriptors();
/// How many connections, at most `most`, a limit of `descriptors` leaves room for.
std::size_t connections_for(std::size_t descriptors, std::size_t most) noexcept;
/// The soft limit of descriptors of this process.
std::size_t descriptor_limit() noexcept;
/// From now on, an allocation failure that nothing catches ends the process with one line instead of an abort.
void end_clearly_without_memory() noexcept;

}  // namespace vitalsd
