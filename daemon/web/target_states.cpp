#include "daemon/web/target_states.h"

namespace vitalsd {
namespace {

// The target's name out of its label text, `target="NAME"`, as it was escaped for the exposition.
std::string target_name(std::string_view labels) {
  constexpr std::string_view kStart = "target=\"";
  const std::size_t begin = labels.find(kStart);
  if (begin == std::string_view::npos) return {};
  std::string name;
  for (std::size_t i = begin + kStart.size(); i < labels.size() && labels[i] != '"'; ++i) {
    if (labels[i] == '\\' && i + 1 < labels.size()) {
      ++i;
      name += labels[i] == 'n' ? '\n' : labels[i];
    } else {
      name += labels[i];
    }
  }
  return name;
}

}  // namespace

std::vector<std::pair<std::string, bool>> target_states(const Snapshot& snapshot) {
  std::vector<std::pair<std::string, bool>> states;
  for (const auto& block : snapshot) {
    for (const Block::Group& group : block->groups()) {
      if (group.family->name != "vitalsd_target_up") continue;
      for (const Sample& sample : block->samples(group)) {
        states.emplace_back(target_name(block->label_text(sample.labels)), sample.value != 0);
      }
    }
  }
  return states;
}

}  // namespace vitalsd
