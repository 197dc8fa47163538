// A group of series that somebody pushed: its labels, what it holds, when it was pushed and when it goes.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/block.h"
#include "daemon/publish/content.h"
#include "daemon/publish/names.h"
#include "daemon/publish/push_path.h"

namespace vitalsd {

/// Never changed once it is published. Times are seconds since 1970; 0: never.
struct PushedGroup {
  GroupLabels labels;
  ContentPtr content;  ///< null: nothing was pushed with success yet
  double pushed = 0;
  double failed = 0;
  double expires = 0;
};
using GroupPtr = std::shared_ptr<const PushedGroup>;
using HiddenFamilies = std::set<std::string, std::less<>>;

/// The labels of a group's series in their alphabet's order: those of the group win, and `instance` is always there.
/// Views live as long as the group.
class SeriesLabels {
 public:
  void assign(const PushedGroup& group, const Exposition::Sample* sample);
  std::span<const std::string_view> names() const noexcept { return names_; }
  std::span<const std::string_view> values() const noexcept { return values_; }

 private:
  std::vector<std::pair<std::string_view, std::string_view>> pairs_;
  std::vector<std::string_view> names_, values_;
};

/// What the group adds to an exposition, with the times of its pushes; families that are hidden are left out.
std::shared_ptr<const Block> block_of(const PushedGroup& group, const HiddenFamilies& hidden);

/// push_time_seconds and push_failure_time_seconds, of Pushgateway.
bool is_push_time(std::string_view family) noexcept;
/// What all client libraries report of their process may stand beside the daemon's own.
bool is_shared(std::string_view family) noexcept;

/// What a group has to get on with.
struct PushNeighbours {
  std::vector<GroupPtr> groups;  ///< all others
  NameBook own;                  ///< the daemon's own families
  std::size_t most_series = 0;   ///< of all groups together
};

/// Why the group cannot stand beside the others; nothing: it can. `names` becomes what all groups are called then.
std::optional<PushRefusal> find_conflict(const PushedGroup& group, const PushNeighbours& neighbours, NameBook& names);
/// Whether only empty labels distinguish the groups: to Prometheus they are one.
bool is_twin(const PushedGroup& a, const PushedGroup& b);
/// What the group's families are called.
void add_names(const PushedGroup& group, NameBook& names);
std::size_t series_of(const PushedGroup& group) noexcept;

/// As a file keeps it, and back; nothing: it is none.
std::string encode_group(const PushedGroup& group);
std::optional<PushedGroup> decode_group(std::string_view text, std::size_t most_series);

}  // namespace vitalsd
