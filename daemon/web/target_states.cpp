#include "daemon/web/target_states.h"

#include "core/label_text.h"

namespace vitalsd {
namespace {

constexpr std::string_view kCollector = "targets";

}  // namespace

std::vector<TargetState> target_states(const Config& config, const Store& store) {
  std::vector<TargetState> states;
  const auto collector = config.collectors.find(kCollector);
  const Block* block = store.find(kCollector);
  if (collector == config.collectors.end() || !collector->second.enabled || block == nullptr) return states;
  for (const Record& target : collector->second.options.records("watch")) {
    const std::string& name = target.texts.at("name");
    const auto up = find_value(*block, "vitalsd_target_up", label_text_of("target", name));
    if (up) states.push_back({name, *up != 0});
  }
  return states;
}

}  // namespace vitalsd
