#include "daemon/history/recorder.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cmath>

namespace vitalsd {
namespace json = boost::json;
namespace {

// What a person asks for after an incident: who used what, what the limits were, and what was waited for.
constexpr std::array<std::string_view, 35> kFamilies = {
    "container_cpu_cfs_periods_total",
    "container_cpu_cfs_throttled_periods_total",
    "container_cpu_cfs_throttled_seconds_total",
    "container_cpu_usage_seconds_total",
    "container_memory_max_usage_bytes",
    "container_memory_rss",
    "container_memory_usage_bytes",
    "container_memory_working_set_bytes",
    "container_oom_events_total",
    "container_pressure_cpu_waiting_seconds_total",
    "container_pressure_io_stalled_seconds_total",
    "container_pressure_memory_stalled_seconds_total",
    "container_spec_memory_limit_bytes",
    "container_threads",
    "namedprocess_namegroup_cpu_seconds_total",
    "namedprocess_namegroup_memory_bytes",
    "namedprocess_namegroup_num_procs",
    "namedprocess_namegroup_open_filedesc",
    "node_load1",
    "node_memory_MemAvailable_bytes",
    "node_memory_SwapFree_bytes",
    "node_pressure_cpu_waiting_seconds_total",
    "node_pressure_io_stalled_seconds_total",
    "node_pressure_memory_stalled_seconds_total",
    "node_pressure_memory_waiting_seconds_total",
    "node_vmstat_oom_kill",
    "vitalsd_cgroup_cpu_limit_cores",
    "vitalsd_cgroup_memory_limit_bytes",
    "vitalsd_target_cpu_seconds_total",
    "vitalsd_target_max_fds",
    "vitalsd_target_open_fds",
    "vitalsd_target_resident_bytes",
    "vitalsd_target_swap_bytes",
    "vitalsd_target_threads",
    "vitalsd_target_up",
};
static_assert(std::ranges::is_sorted(kFamilies));

// Among these the largest users of memory are looked for.
constexpr std::array<std::string_view, 3> kMemory = {
    "container_memory_working_set_bytes", "namedprocess_namegroup_memory_bytes", "vitalsd_target_resident_bytes"};
constexpr std::size_t kLargest = 5;  // of each

// Of a hundred families in a block a few are wanted: most of the others are told apart by their length and two letters.
constexpr std::size_t mark_of(std::string_view family) {
  if (family.empty()) return 0;
  return (family.size() * 7 + std::size_t{3} * static_cast<unsigned char>(family[family.size() / 2]) +
          static_cast<unsigned char>(family[family.size() * 3 / 4])) %
         256;
}
constexpr auto kMarks = [] {
  std::array<bool, 256> marks{};
  for (const std::string_view family : kFamilies) marks[mark_of(family)] = true;
  return marks;
}();

bool is_recorded(std::string_view family) {
  return kMarks[mark_of(family)] && std::ranges::binary_search(kFamilies, family);
}

std::string name_of_series(std::string_view family, std::string_view labels) {
  std::string name(family);
  if (!labels.empty()) name.append("{").append(labels).append("}");
  return name;
}

json::value number(double value) { return std::isfinite(value) ? json::value(value) : json::value(nullptr); }

// To the millisecond: more would only be longer.
double seconds_before(Recorder::Time now, Recorder::Time then) {
  return -static_cast<double>(std::chrono::duration_cast<std::chrono::milliseconds>(now - then).count()) / 1000;
}

}  // namespace

std::vector<std::string_view> Recorder::families() { return {kFamilies.begin(), kFamilies.end()}; }

void Recorder::configure(std::chrono::nanoseconds history) {
  if (history == history_) return;
  history_ = history;
  tracks_.clear();
  values_ = 0;
}

void Recorder::forget(std::string_view collector) {
  const auto found = tracks_.find(collector);
  if (found == tracks_.end()) return;
  values_ -= found->second.times.size() * found->second.series.size();
  tracks_.erase(found);
}

Recorder::Track& Recorder::track_of(std::string_view collector, std::chrono::nanoseconds interval) {
  const auto wanted = static_cast<std::size_t>(history_ / std::max(interval, std::chrono::nanoseconds(1))) + 1;
  const std::size_t points = std::clamp<std::size_t>(wanted, 2, kMostPoints);
  auto found = tracks_.find(collector);
  if (found != tracks_.end() && found->second.times.size() != points) {
    forget(collector);
    found = tracks_.end();
  }
  if (found == tracks_.end()) {
    found = tracks_.emplace(collector, Track{}).first;
    found->second.times.resize(points);
  }
  return found->second;
}

// Blocks have their series in the same order from round to round, nearly always.
Recorder::Series* Recorder::find(Track& track, std::size_t& cursor, std::string_view family, std::string_view labels) {
  const auto fits = [&](const Series& series) { return series.family == family && series.labels == labels; };
  if (cursor < track.series.size() && fits(track.series[cursor])) return &track.series[cursor++];
  key_.assign(family).append("{").append(labels);
  const auto found = track.index.find(key_);
  if (found != track.index.end()) {
    cursor = found->second + 1;
    return &track.series[found->second];
  }
  const std::size_t points = track.times.size();
  if (values_ + points > kMostValues) {
    drop_dead(track);
    if (values_ + points > kMostValues) {
      ++track.left_out;
      return nullptr;
    }
  }
  values_ += points;
  track.index.emplace(key_, track.series.size());
  track.series.push_back({family, std::string(labels), std::vector<double>(points, kAbsent), 0});
  cursor = track.series.size();
  return &track.series.back();
}

// Those that were not there in any round that is remembered.
void Recorder::drop_dead(Track& track) {
  const std::size_t points = track.times.size();
  const auto dropped =
      std::erase_if(track.series, [&](const Series& series) { return series.last + points < track.rounds; });
  if (dropped == 0) return;
  values_ -= dropped * points;
  track.index.clear();
  for (std::size_t i = 0; i < track.series.size(); ++i) {
    key_.assign(track.series[i].family).append("{").append(track.series[i].labels);
    track.index.emplace(key_, i);
  }
}

std::size_t Recorder::begin_round(Track& track, Time at) {
  const std::size_t slot = track.rounds++ % track.times.size();
  track.times[slot] = at;
  track.left_out = 0;
  for (Series& series : track.series) series.values[slot] = kAbsent;
  return slot;
}

void Recorder::observe(std::string_view collector, const Block& block, std::chrono::nanoseconds interval, Time at) {
  if (history_ <= std::chrono::nanoseconds(0)) return;
  Track* track = nullptr;  // until there is something to remember
  std::size_t slot = 0, cursor = 0;
  for (const Block::Group& group : block.groups()) {
    if (!is_recorded(group.family->name)) continue;
    if (track == nullptr) {
      track = &track_of(collector, interval);
      slot = begin_round(*track, at);
    }
    for (const Sample& sample : block.samples(group)) {
      if (sample.part != Part::value) continue;
      Series* series = find(*track, cursor, group.family->name, block.label_text(sample.labels));
      if (series == nullptr) continue;
      series->values[slot] = sample.value;
      series->last = track->rounds;
    }
  }
}

json::object Recorder::freeze(Time now, std::size_t stride) const {
  struct Large {
    std::string name;
    double peak, last;
  };
  json::array collectors, largest;
  std::uint64_t left_out = 0;
  for (const auto& [collector, track] : tracks_) {
    left_out += track.left_out;
    std::vector<std::size_t> slots;  // oldest first
    const std::uint64_t points = std::min<std::uint64_t>(track.rounds, track.times.size());
    for (std::uint64_t back = 0; back < points; back += stride) {
      slots.insert(slots.begin(), (track.rounds - 1 - back) % track.times.size());
    }
    json::array times, all;
    for (const std::size_t slot : slots) times.emplace_back(seconds_before(now, track.times[slot]));
    std::map<std::string_view, std::vector<Large>> large;
    for (const Series& series : track.series) {
      if (series.last + points < track.rounds) continue;
      json::array values;
      double peak = kAbsent, last = kAbsent;
      for (const std::size_t slot : slots) {
        const double value = series.values[slot];
        values.push_back(number(value));
        peak = std::fmax(peak, value);
        if (!std::isnan(value)) last = value;
      }
      std::string name = name_of_series(series.family, series.labels);
      if (std::ranges::find(kMemory, series.family) != kMemory.end() && !std::isnan(last)) {
        large[series.family].push_back({name, peak, last});
      }
      all.push_back(json::object{{"series", std::move(name)}, {"values", std::move(values)}});
    }
    for (auto& [family, users] : large) {
      std::ranges::sort(users, std::ranges::greater{}, &Large::peak);
      users.resize(std::min(users.size(), kLargest));
      for (const Large& user : users) {
        largest.push_back(json::object{{"series", user.name}, {"peak", user.peak}, {"last", user.last}});
      }
    }
    collectors.push_back(
        json::object{{"collector", collector}, {"seconds", std::move(times)}, {"series", std::move(all)}});
  }
  return {{"largest", std::move(largest)}, {"history", std::move(collectors)}, {"series_left_out", left_out}};
}

}  // namespace vitalsd
