#include "collectors/process/targets/pod_places.h"

#include <algorithm>

#include "collectors/formats/pid/pid_cgroup.h"

namespace vitalsd {
namespace {

constexpr std::size_t kMostPlaces = 64;

std::string_view container_of(std::string_view text) { return pid_cgroup::first_of(text, pid_cgroup::container); }

}  // namespace

void PodPlaces::begin(CollectContext& context) {
  processes_.clear();
  sandbox_.clear();
  if (context.host.self == nullptr) return;
  if (const auto text = context.host.self->read("cgroup", context.buffer)) own_ = container_of(*text);
}

bool PodPlaces::note(const PidStat& stat, std::string_view cgroup) {
  const std::string_view container = container_of(cgroup);
  if (container.empty() || container == own_) return false;
  if (stat.pid == 1 && stat.comm == "pause") sandbox_ = container;
  processes_.push_back({std::string(container), {stat.pid, stat.starttime}, stat.ppid});
  return true;
}

void PodPlaces::settle() {
  std::erase_if(processes_, [this](const Process& each) { return each.container == sandbox_; });
  for (std::string& place : places_) {
    if (std::ranges::find(processes_, place, &Process::container) == processes_.end()) place.clear();
  }
  // Sorts by start, so that the earliest process of each container comes first.
  std::ranges::sort(processes_, {},
                    [](const Process& each) { return std::pair(each.process.start, each.process.pid); });
  for (const Process& each : processes_) {
    if (std::ranges::find(places_, each.container) != places_.end()) continue;
    const auto free = std::ranges::find(places_, std::string());
    if (free != places_.end()) {
      *free = each.container;
    } else if (places_.size() < kMostPlaces) {
      places_.push_back(each.container);
    }
  }
}

}  // namespace vitalsd
