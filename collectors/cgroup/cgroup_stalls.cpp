#include "collectors/cgroup/cgroup_stalls.h"

#include <algorithm>

#include "collectors/cgroup/hierarchy.h"

namespace vitalsd {
namespace {

constexpr auto kOf = cgroup_label_names("resource");
constexpr Family kStalls{
    "vitalsd_cgroup_pressure_stalls_total", Kind::counter,
    "Times that no process of the cgroup could make progress for 100 ms within 2 s, for want of CPU "
    "(its quota is used up), memory or I/O, as the kernel told at that moment.",
    "", kOf};
constexpr auto kFamilies = family_list<1>(kStalls);

struct Resource {
  std::string_view name, file;
  Pressure CgroupStats::* pressure;
  bool worth_report;  // a quota that is used up is everyday life
};
constexpr std::array kTriggers = {
    Resource{"cpu", "cpu.pressure", &CgroupStats::cpu_pressure, false},
    Resource{"memory", "memory.pressure", &CgroupStats::memory_pressure, true},
    Resource{"io", "io.pressure", &CgroupStats::io_pressure, true},
};

}  // namespace

void CgroupStalls::begin(std::chrono::steady_clock::time_point now) {
  ++round_;
  again_ = lack_ && retry_.due(now);
  if (!lack_) retry_.granted();
  if (again_) {
    retry_.asked(now);
    lack_.reset();
  }
  now_fired_ = fired_.exchange(false);
}

void CgroupStalls::report_lack(FaultSink& faults) const {
  constexpr std::string_view kRemedy = "raise the limit of descriptors (LimitNOFILE=) or memory";
  if (lack_) faults.partial("cgroups", "triggers", *lack_, kRemedy);
}

CgroupStalls::Watched* CgroupStalls::meet(CollectContext& context, std::string_view id) {
  auto found = watched_.find(id);
  // Another cgroup may have taken its name since the last walk.
  if (found != watched_.end() && now_fired_ && std::ranges::any_of(found->second.counts, &StallCount::dead)) {
    watched_.erase(found);
    found = watched_.end();
  }
  if (found != watched_.end()) {
    if (again_) arm(context, id, found->second);
    return &found->second;
  }
  if (watched_.size() >= most_) return nullptr;
  Watched& watched = watched_[std::string(id)];
  arm(context, id, watched);
  return &watched;
}

void CgroupStalls::arm(CollectContext& context, std::string_view id, Watched& watched) {
  for (std::size_t i = 0; i < kTriggers.size(); ++i) {
    if (!watched.wanted[i]) continue;
    const auto path = cgroup_file(path_, "", id, kTriggers[i].file);
    auto armed = triggers_.arm(*context.host.cgroupfs, path, "full");
    watched.wanted[i] = !armed && is_exhausted(armed.error().sys);
    if (watched.wanted[i]) lack_ = Error{Errc::io, armed.error().sys, "pressure trigger"};
    if (armed) watched.counts[i].arm(std::move(*armed));
  }
}

void CgroupStalls::watch(CollectContext& context, std::string_view id, const CgroupStats& stats) {
  Watched* const watched = meet(context, id);
  if (watched == nullptr) return;
  watched->round = round_;
  const auto now = context.host.clock->steady();
  for (std::size_t i = 0; i < kTriggers.size(); ++i) {
    const double total = (stats.*kTriggers[i].pressure).full_seconds;
    if (!watched->counts[i].observe(now, total, now_fired_) || !kTriggers[i].worth_report) continue;
    path_.assign(kTriggers[i].name).append(": no process made progress for 100 ms of 2 s");
    context.happened({EventKind::pressure, id, path_});
  }
}

void CgroupStalls::forget(std::string_view id) {
  if (const auto found = watched_.find(id); found != watched_.end()) watched_.erase(found);
}

void CgroupStalls::end() {
  std::erase_if(watched_, [this](const auto& entry) { return entry.second.round != round_; });
}

void CgroupStalls::publish(Sink& sink, CgroupLabels& labels, std::string_view id) const {
  const auto found = watched_.find(id);
  if (found == watched_.end()) return;
  for (std::size_t i = 0; i < kTriggers.size(); ++i) {
    const StallCount& count = found->second.counts[i];
    if (count.armed()) sink.add(kStalls, labels.make(sink, {{"resource", kTriggers[i].name}}), count.stalls());
  }
}

std::span<const Family* const> cgroup_stall_families() { return kFamilies; }

}  // namespace vitalsd
