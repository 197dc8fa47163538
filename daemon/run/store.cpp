#include "daemon/run/store.h"

namespace vitalsd {

std::optional<double> find_value(const Block& block, std::string_view family, std::string_view label_text) {
  for (const Block::Group& group : block.groups()) {
    if (group.family->name != family) continue;
    for (const Sample& sample : block.samples(group)) {
      if (block.label_text(sample.labels) == label_text) return sample.value;
    }
  }
  return std::nullopt;
}

std::optional<double> find_value(const Snapshot& snapshot, std::string_view family) {
  for (const auto& block : snapshot) {
    for (const Block::Group& group : block->groups()) {
      if (group.family->name == family && group.begin != group.end) return block->samples()[group.begin].value;
    }
  }
  return std::nullopt;
}

}  // namespace vitalsd
