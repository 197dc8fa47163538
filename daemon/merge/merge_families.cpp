#include "daemon/merge/merge_families.h"

#include <algorithm>
#include <map>
#include <set>

#include "daemon/publish/group.h"

namespace vitalsd {
namespace {

struct Series {
  std::vector<std::string_view> names, values;
  double value;
  Part part;
};
struct MergedFamily {
  Family family;
  std::vector<Series> series;
  std::set<std::string> keys;  ///< what tells its series apart
};
constexpr std::string_view kRemedy = "rename the family, or leave it out at its source";

}  // namespace

struct MergeFamilies::Held {
  std::vector<Input> inputs;  ///< which the views are of
  std::deque<MergedFamily> families;
  std::map<std::string, MergedFamily*, std::less<>> by_name;
  std::set<std::string, std::less<>> label_names;  ///< those that were renamed
};

namespace {

// Adds one source to what is merged already.
template <class Held>
class Addition {
 public:
  Addition(Held& held, const MergeFamilies::Input& input, const MergeNeighbours& neighbours, NameBook& names,
           MergeLosses& losses, FaultSink& faults)
      : held_(held),
        spec_(*input.spec),
        read_(input.content->read),
        neighbours_(neighbours),
        names_(names),
        losses_(losses),
        faults_(faults) {}

  double run() {
    std::vector<MergedFamily*> merged(read_.families.size());
    std::vector<double MergeLosses::*> lost(read_.families.size(), nullptr);
    for (std::size_t i = 0; i < merged.size(); ++i) merged[i] = merge(read_.families[i], lost[i]);
    double added = 0;
    for (const Exposition::Sample& sample : read_.samples) {
      if (merged[sample.family] == nullptr) {
        ++(losses_.*lost[sample.family]);
      } else if (add(*merged[sample.family], sample)) {
        ++added;
      } else {
        ++losses_.duplicate;
        report(read_.families[sample.family].name, "a series is there already");
      }
    }
    return added;
  }

 private:
  void report(std::string_view family, std::string_view why) {
    std::string entity(spec_.fetch.name);
    entity.append(": ").append(family).append(": ").append(why);
    faults_.partial(entity, "metric", {Errc::malformed, 0, "merge"}, kRemedy);
  }

  MergedFamily* merge(const Exposition::Family& family, double MergeLosses::*& lost) {
    const NameBook& own = neighbours_.names;
    const bool ours = !own.owner_of(family.name).empty() && !is_shared(family.name);
    if (ours || !own.in_the_way(family.name, family.kind).empty()) {
      lost = &MergeLosses::own_name;
      report(family.name, "the daemon has a family of this name");
      return nullptr;
    }
    if (!names_.in_the_way(family.name, family.kind).empty()) {
      lost = &MergeLosses::type;
      report(family.name, "another source has a family of this name and another type");
      return nullptr;
    }
    const auto [place, is_new] = held_.by_name.try_emplace(std::string(family.name), nullptr);
    if (is_new) {
      names_.add(family.name, family.kind);
      place->second = &held_.families.emplace_back();
      place->second->family = {place->first, family.kind, family.help};
    }
    return place->second;
  }

  bool is_external(std::string_view name) const {
    return std::ranges::find(neighbours_.external_labels, name) != neighbours_.external_labels.end();
  }

  // Prometheus' rule: the label of the source gives way, unless it is to be honored.
  std::string_view renamed(std::string_view name, const std::map<std::string_view, std::string_view>& labels) {
    std::string other(name);
    do other.insert(0, "exported_");
    while (labels.contains(other) || is_external(other));
    return *held_.label_names.insert(std::move(other)).first;
  }

  bool add(MergedFamily& merged, const Exposition::Sample& sample) {
    std::map<std::string_view, std::string_view> labels;
    const auto given = std::span(read_.labels).subspan(sample.first_label, sample.labels);
    const auto is_given = [&](std::string_view name) {
      return std::ranges::find(given, name, &Exposition::Label::name) != given.end();
    };
    for (const auto& [name, value] : spec_.labels) {
      if (is_external(name) || (spec_.honor_labels && is_given(name))) continue;
      labels.emplace(name, value);
    }
    for (const Exposition::Label& label : given) {
      const bool free = !is_external(label.name) && !labels.contains(label.name);
      if (free) labels.emplace(label.name, label.value);
    }
    for (const Exposition::Label& label : given) {  // once all names that stay are known
      const auto there = labels.find(label.name);
      const bool stays = there != labels.end() && there->second.data() == label.value.data();
      if (!stays) labels.emplace(renamed(label.name, labels), label.value);
    }
    Series series{{}, {}, sample.value, sample.part};
    std::string key = std::to_string(static_cast<int>(sample.part));
    for (const auto& [name, value] : labels) {
      series.names.push_back(name);
      series.values.push_back(value);
      if (value.empty()) continue;  // to Prometheus it is not there
      key.append(",").append(name).append("=").append(std::to_string(value.size())).append(":").append(value);
    }
    if (!merged.keys.insert(std::move(key)).second) return false;
    merged.series.push_back(std::move(series));
    return true;
  }

  Held& held_;
  const MergeSpec& spec_;
  const Exposition& read_;
  const MergeNeighbours& neighbours_;
  NameBook& names_;
  MergeLosses& losses_;
  FaultSink& faults_;
};

}  // namespace

void MergeFamilies::rebuild(std::vector<Input> inputs, const MergeNeighbours& neighbours, FaultSink& faults) {
  held_ = std::make_shared<Held>();  // the old one may be in use by a block
  held_->inputs = std::move(inputs);
  losses_.assign(held_->inputs.size(), {});
  series_.assign(held_->inputs.size(), 0);
  NameBook names;
  for (std::size_t i = 0; i < held_->inputs.size(); ++i) {
    const Input& input = held_->inputs[i];
    if (input.content) series_[i] = Addition(*held_, input, neighbours, names, losses_[i], faults).run();
  }
  for (MergedFamily& merged : held_->families) merged.keys.clear();
}

void MergeFamilies::publish(Sink& sink) const {
  if (!held_) return;
  for (const MergedFamily& merged : held_->families) {
    for (const Series& series : merged.series) {
      sink.add(merged.family, sink.labels(series.names, series.values), series.value, series.part);
    }
  }
  sink.keep(held_);
}

}  // namespace vitalsd
