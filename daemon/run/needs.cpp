#include "daemon/run/needs.h"

#include "core/collector.h"
#include "daemon/run/host.h"

namespace vitalsd {

Needs needs_of(const Config& config) {
  const Clock clock;
  Needs needs;
  for (const auto& [name, collector] : config.collectors) {
    const auto powers = find_collector(name)->powers;
    if (collector.enabled && powers != nullptr) {
      needs.emplace(name, powers(collector.options, make_host(config.paths, clock)));
    }
  }
  return needs;
}

}  // namespace vitalsd
