// Whether a group can stand beside all that is published already: whatever is taken, an exposition stays valid.
#include <algorithm>
#include <unordered_set>

#include "daemon/publish/group.h"

namespace vitalsd {
namespace {

PushRefusal refusal(std::string_view family, std::string_view what) {
  return {400, std::string(family).append(" ").append(what)};
}

// Nothing, or why the daemon's own families are in the way of this one.
std::optional<PushRefusal> against_own(const Exposition::Family& family, const NameBook& own) {
  if (const auto other = own.in_the_way(family.name, family.kind); !other.empty()) {
    if (other == family.name) return refusal(family.name, "is a family of the daemon's own, of another type");
    return refusal(family.name, std::string("has a name of the daemon's own family ").append(other));
  }
  if (own.owner_of(family.name).empty() || is_shared(family.name)) return {};
  return refusal(family.name, "is a family of the daemon's own");
}

// Series of two groups can be the same only where no label distinguishes the groups.
bool may_overlap(const PushedGroup& a, const PushedGroup& b) {
  return std::ranges::all_of(a.labels, [&](const auto& label) {
    const auto other = b.labels.find(label.first);
    return other == b.labels.end() || other->second == label.second;
  });
}

class SeriesKeys {
 public:
  // False when one of the group's series is known already; then `name` is its family's.
  bool add(const PushedGroup& group, const std::vector<bool>& used, std::string_view& name) {
    const Exposition& read = group.content->read;
    for (const Exposition::Sample& sample : read.samples) {
      if (!used[sample.family]) continue;
      labels_.assign(group, &sample);
      name = read.families[sample.family].name;
      std::string key = std::to_string(static_cast<int>(sample.part)).append(name);
      for (std::size_t i = 0; i < labels_.names().size(); ++i) {
        const std::string_view value = labels_.values()[i];
        if (value.empty()) continue;  // as if it were not there
        key.append(",").append(labels_.names()[i]).append("=").append(std::to_string(value.size())).append(":");
        key.append(value);
      }
      if (!keys_.insert(std::move(key)).second) return false;
    }
    return true;
  }

 private:
  SeriesLabels labels_;
  std::unordered_set<std::string> keys_;
};

std::optional<PushRefusal> find_bad_label(const PushedGroup& group, const std::vector<bool>& used) {
  const Exposition& read = group.content->read;
  for (const Exposition::Sample& sample : read.samples) {
    const auto& family = read.families[sample.family];
    if (!used[sample.family]) continue;
    const bool is_quantile = family.kind == Kind::summary && sample.part == Part::value;
    const bool is_bucket = sample.part == Part::bucket;
    if ((is_bucket && group.labels.contains("le")) || (is_quantile && group.labels.contains("quantile"))) {
      return refusal(family.name, "has a label of its own that the group would set");
    }
  }
  return {};
}

}  // namespace

bool is_twin(const PushedGroup& a, const PushedGroup& b) {
  const auto found_in = [](const PushedGroup& one, const PushedGroup& other) {
    return std::ranges::all_of(one.labels, [&](const auto& label) {
      const auto same = other.labels.find(label.first);
      return label.second.empty() || (same != other.labels.end() && same->second == label.second);
    });
  };
  return found_in(a, b) && found_in(b, a);
}

std::optional<PushRefusal> find_conflict(const PushedGroup& group, const PushNeighbours& neighbours, NameBook& names) {
  std::size_t series = series_of(group);
  for (const GroupPtr& other : neighbours.groups) {
    series += series_of(*other);
    add_names(*other, names);
  }
  if (!group.content) return {};
  if (series > neighbours.most_series) {
    return PushRefusal{413, "all groups together would have more than the " + std::to_string(neighbours.most_series) +
                                " series of publish.max_series"};
  }
  const Exposition& read = group.content->read;
  const std::vector<bool> used = families_in_use(read);
  for (std::size_t i = 0; i < used.size(); ++i) {
    if (!used[i]) continue;
    const auto& family = read.families[i];
    if (auto clash = against_own(family, neighbours.own)) return clash;
    if (const auto other = names.in_the_way(family.name, family.kind); !other.empty()) {
      return refusal(family.name, other == family.name ? std::string("has another type in another group")
                                                       : std::string("has a name of the family ").append(other));
    }
    names.add(family.name, family.kind);
  }
  if (auto bad = find_bad_label(group, used)) return bad;
  SeriesKeys keys;
  std::string_view name;
  if (!keys.add(group, used, name)) return refusal(name, "has the same series twice, once it has the group's labels");
  for (const GroupPtr& other : neighbours.groups) {
    if (!other->content || !may_overlap(group, *other)) continue;
    if (!keys.add(*other, families_in_use(other->content->read), name)) {
      return refusal(name, "has a series of another group: " + describe(other->labels));
    }
  }
  return {};
}

}  // namespace vitalsd
