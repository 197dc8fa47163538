// For tests with real processes: waits until one does nothing more.
#pragma once

#include <poll.h>
#include <sys/types.h>

#include <fstream>
#include <iterator>
#include <string>

namespace vitalsd {

inline constexpr int kPatience = 20'000;  // milliseconds: long enough for a busy machine

/// Waits until the first thread of `pid` sleeps, as in pause(). Returns whether it does.
inline bool wait_until_asleep(pid_t pid) {
  for (int waited = 0; waited < kPatience; ++waited) {
    std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
    const std::string text(std::istreambuf_iterator<char>(in), {});
    const std::size_t end = text.rfind(')');
    if (end != std::string::npos && text.substr(end + 1, 3) == " S ") return true;
    ::poll(nullptr, 0, 1);
  }
  return false;
}

}  // namespace vitalsd
