#include "exporters/arrangement.h"

#include <algorithm>
#include <numeric>

namespace vitalsd {

void Arrangement::arrange(const Snapshot& snapshot) {
  found_.clear();
  for (const auto& block : snapshot) {
    if (!block) continue;
    const auto groups = block->groups();
    for (std::uint32_t i = 0; i < groups.size(); ++i) found_.push_back({groups[i].family, block.get(), i});
  }
  if (shape_ == 0 ||
      !std::ranges::equal(found_, families_, [](const Part& p, const Known& k) { return k.is(*p.family); })) {
    ++shape_;
    families_.clear();
    for (const auto& [family, block, group] : found_) {
      families_.push_back({std::string(family->name), std::string(family->help), family->kind});
    }
    order_.resize(found_.size());
    std::iota(order_.begin(), order_.end(), 0U);
    std::ranges::stable_sort(order_, {}, [this](std::uint32_t i) -> std::string_view { return families_[i].name; });
  }
  parts_.clear();
  for (const std::uint32_t i : order_) parts_.push_back(found_[i]);
}

}  // namespace vitalsd
