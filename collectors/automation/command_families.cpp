#include "collectors/automation/command_families.h"

#include <algorithm>
#include <array>
#include <span>

#include "core/collector.h"

namespace vitalsd {
namespace {

// Families of the daemon whose names are not all in a registration.
constexpr std::array<std::string_view, 14> kOurPrefixes = {
    "vitalsd_",     "process_",       "container_",    "namedprocess_namegroup_", "node_scrape_collector_",
    "node_memory_", "node_vmstat_",   "node_netstat_", "node_sockstat_",          "node_hwmon_",
    "node_sysctl_", "node_exporter_", "node_zfs_",     "node_bcachefs_"};
constexpr std::array<std::string_view, 3> kSuffixes = {"_bucket", "_sum", "_count"};

// The names that series of a family have.
std::vector<std::string> series_names(std::string_view name, Kind kind) {
  std::vector<std::string> names;
  if (kind != Kind::histogram) names.emplace_back(name);
  if (kind == Kind::histogram) names.push_back(std::string(name) + "_bucket");
  if (kind == Kind::histogram || kind == Kind::summary) {
    names.push_back(std::string(name) + "_sum");
    names.push_back(std::string(name) + "_count");
  }
  return names;
}

void lose(const Contribution& one, const std::string& what, FaultSink& faults) {
  faults.partial(one.spec->name + ": " + what, "metric", {Errc::malformed, 0, "exec"},
                 "give the command another name for it");
}

}  // namespace

CommandFamilies::CommandFamilies() : merged_(std::make_shared<std::deque<Merged>>()) {
  for (const CollectorSpec& spec : registered_collectors()) {
    for (const Family* family : spec.families) ours_.insert(family->name);
  }
}

void CommandFamilies::rebuild(std::span<const Contribution> all, FaultSink& faults) {
  merged_ = std::make_shared<std::deque<Merged>>();  // the old one may be in use by a block
  by_name_.clear();
  taken_.clear();
  for (const Contribution& one : all) {
    const Exposition& read = one.reading->samples;
    std::vector<Merged*> merged(read.families.size());
    std::ranges::transform(read.families, merged.begin(),
                           [&](const Exposition::Family& family) { return merge(one, family, faults); });
    for (const Exposition::Sample& sample : read.samples) {
      if (merged[sample.family] != nullptr) add(*merged[sample.family], one, sample, faults);
    }
  }
}

bool CommandFamilies::is_taken(std::string_view name) const {
  if (ours_.contains(name)) return true;
  if (std::ranges::any_of(kOurPrefixes, [name](std::string_view prefix) { return name.starts_with(prefix); }))
    return true;
  return std::ranges::any_of(kSuffixes, [&](std::string_view suffix) {
    return name.ends_with(suffix) && ours_.contains(name.substr(0, name.size() - suffix.size()));
  });
}

// Why a family that is not known yet cannot be.
std::string CommandFamilies::conflict(const Exposition::Family& family) const {
  for (const std::string& name : series_names(family.name, family.kind)) {
    if (is_taken(name)) return name + " is a name of the daemon's own";
    if (taken_.contains(name)) return name + " is a series of another family";
  }
  return is_taken(family.name) ? std::string(family.name) + " is a name of the daemon's own" : std::string();
}

CommandFamilies::Merged* CommandFamilies::merge(const Contribution& one, const Exposition::Family& family,
                                                FaultSink& faults) {
  if (const auto known = by_name_.find(family.name); known != by_name_.end()) {
    if (known->second->family.kind == family.kind) return known->second;
    lose(one, std::string(family.name) + " has another type than another command gave it", faults);
    return nullptr;
  }
  if (const std::string why = conflict(family); !why.empty()) {
    lose(one, why, faults);
    return nullptr;
  }
  Merged& made = merged_->emplace_back();
  made.name = family.name;
  made.help = family.has_help ? std::string(family.help) : "Printed by the command " + one.spec->name + ".";
  made.family = {made.name, family.kind, made.help};
  by_name_.emplace(made.name, &made);
  for (std::string& name : series_names(family.name, family.kind)) taken_.insert(std::move(name));
  return &made;
}

// The labels that the configuration gives hide those of the same name that the command printed.
void CommandFamilies::add(Merged& merged, const Contribution& one, const Exposition::Sample& sample,
                          FaultSink& faults) {
  std::map<std::string_view, std::string_view> labels;
  for (const auto& [name, value] : one.spec->labels) labels.emplace(name, value);
  const auto printed = std::span(one.reading->samples.labels).subspan(sample.first_label, sample.labels);
  for (const Exposition::Label& label : printed) labels.emplace(label.name, label.value);
  Series series{{}, {}, sample.value, sample.part};
  std::string key = std::to_string(static_cast<int>(sample.part));
  for (const auto& [name, value] : labels) {
    series.names.push_back(name);
    series.values.push_back(value);
    if (!value.empty())
      key.append(",").append(name).append("=").append(std::to_string(value.size())).append(":").append(value);
  }
  if (!merged.keys.insert(std::move(key)).second) {
    return lose(one, merged.name + " has a series twice, or one of another command", faults);
  }
  merged.series.push_back(std::move(series));
}

void CommandFamilies::publish(Sink& sink) const {
  for (const Merged& merged : *merged_) {
    for (const Series& series : merged.series) {
      sink.add(merged.family, sink.labels(series.names, series.values), series.value, series.part);
    }
  }
  sink.keep(merged_);
}

}  // namespace vitalsd
