#include "daemon/publish/names.h"

namespace vitalsd {

void NameBook::add(std::string_view family, Kind kind) {
  for_each_sample_name(family, kind, [&](std::string_view name) {
    if (!names_.contains(name)) names_.emplace(std::string(name), Taken{std::string(family), kind});
  });
}

std::string_view NameBook::in_the_way(std::string_view family, Kind kind) const {
  std::string_view found;
  for_each_sample_name(family, kind, [&](std::string_view name) {
    const auto taken = names_.find(name);
    if (taken == names_.end() || !found.empty()) return;
    if (taken->second.family != family || taken->second.kind != kind) found = taken->second.family;
  });
  return found;
}

std::string_view NameBook::owner_of(std::string_view name) const {
  const auto taken = names_.find(name);
  return taken == names_.end() ? std::string_view() : std::string_view(taken->second.family);
}

}  // namespace vitalsd
