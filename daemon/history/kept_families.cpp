#include "daemon/history/kept_families.h"

#include <algorithm>

#include "core/collector.h"

namespace vitalsd {

void KeptFamilies::configure(const std::vector<std::string>& more) {
  notes_.clear();
  remembered_.clear();
  for (const CollectorSpec& spec : registered_collectors()) {
    for (const Family* family : spec.remembered) remembered_.push_back(family->name);
  }
  std::ranges::sort(remembered_);
  more_ = more;
}

bool KeptFamilies::is_wanted(std::string_view name) const {
  const auto fits = [name](std::string_view pattern) {
    if (!pattern.ends_with('*')) return name == pattern;
    return name.starts_with(pattern.substr(0, pattern.size() - 1));
  };
  return std::ranges::binary_search(remembered_, name) || std::ranges::any_of(more_, fits);
}

const KeptFamilies::Note* KeptFamilies::find(const Family& family) {
  if (const auto found = notes_.find(family.name); found != notes_.end()) return &found->second;
  if (!is_wanted(family.name) || notes_.size() >= kMost) return nullptr;
  std::string name(family.name);
  return &notes_.emplace(name, Note{name, family.kind}).first->second;
}

}  // namespace vitalsd
