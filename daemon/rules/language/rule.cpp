#include "daemon/rules/language/rule.h"

#include <algorithm>

namespace vitalsd::rules {

std::chrono::milliseconds Rule::range() const {
  std::int64_t longest = 0;
  each_selector(*expression, [&](const SelectorNode& selector) { longest = std::max(longest, selector.range_ms); });
  return std::chrono::milliseconds(longest);
}

std::map<std::string, std::chrono::milliseconds> RuleBook::ranges() const {
  std::map<std::string, std::chrono::milliseconds> all;
  for (const RuleGroup& group : groups) {
    for (const Rule& rule : group.rules) {
      each_selector(*rule.expression, [&](const SelectorNode& selector) {
        if (selector.range_ms == 0) return;
        auto& longest = all[selector.name];
        longest = std::max(longest, std::chrono::milliseconds(selector.range_ms));
      });
    }
  }
  return all;
}

}  // namespace vitalsd::rules
