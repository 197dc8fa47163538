#include "core/collector.h"

#include <algorithm>
#include <vector>

namespace vitalsd {
namespace {

// A static of a function, since registrations in other files may run before this file's own statics are initialized.
std::vector<CollectorSpec>& registry() {
  static std::vector<CollectorSpec> specs;
  return specs;
}

}  // namespace

Registration::Registration(const CollectorSpec& spec) {
  auto& specs = registry();
  specs.insert(std::ranges::upper_bound(specs, spec.name, {}, &CollectorSpec::name), spec);
}

std::span<const CollectorSpec> registered_collectors() { return registry(); }

const CollectorSpec* find_collector(std::string_view name) {
  const auto& specs = registry();
  const auto found = std::ranges::lower_bound(specs, name, {}, &CollectorSpec::name);
  return found != specs.end() && found->name == name ? &*found : nullptr;
}

}  // namespace vitalsd
