#include "collectors/cgroup/memory_events.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "collectors/cgroup/hierarchy.h"

namespace vitalsd {
namespace {

constexpr int kCostShare = 20;  // a round that nobody planned is worth a twentieth of the time

}  // namespace

MemoryEvents::MemoryEvents() : inotify_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {}

bool MemoryEvents::may_run(std::chrono::steady_clock::time_point now) const noexcept {
  return now >= not_before_.load();
}

void MemoryEvents::begin() {
  ++round_;
  std::array<char, 4096> events{};
  while (inotify_ && ::read(inotify_.get(), events.data(), events.size()) > 0) {
  }
}

void MemoryEvents::watch(const FileSource& files, std::string_view id) {
  if (!inotify_ || !files.is_kernel()) return;
  auto found = watched_.find(id);
  if (found == watched_.end()) {
    if (watched_.size() >= kMostWatched) return;
    found = watched_.emplace(id, Watched{}).first;
    // The root has none, nor has a cgroup without the controller.
    if (const Fd file(files.open(cgroup_file(path_, "", id, "memory.events")).value_or(-1)); file) {
      path_.assign("/proc/self/fd/").append(std::to_string(file.get()));
      found->second.descriptor = ::inotify_add_watch(inotify_.get(), path_.c_str(), IN_MODIFY);
    }
  }
  found->second.round = round_;
}

void MemoryEvents::end(std::chrono::steady_clock::time_point begun, std::chrono::steady_clock::time_point ended) {
  std::erase_if(watched_, [this](const auto& entry) {
    const Watched& watched = entry.second;
    if (watched.round == round_) return false;
    if (watched.descriptor >= 0) ::inotify_rm_watch(inotify_.get(), watched.descriptor);
    return true;
  });
  not_before_ = ended + (ended - begun) * (kCostShare - 1);
}

}  // namespace vitalsd
