// Any state file of process groups: it is rejected, or what was restored from it is saved and restored again.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "collectors/process/groups/group_tracker.h"
#include "core/collector.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vitalsd;
  static const Options kOptions = [] {
    Options options = Options::defaults(find_collector("process_groups")->options);
    options.set("procnames", {.text = "a,b", .items = {}, .records = {}});
    return options;
  }();
  GroupTracker tracker({}, GroupRules(kOptions));
  std::string saved, again;
  if (!tracker.restore({reinterpret_cast<const char*>(data), size})) {
    if (!tracker.groups().empty()) std::abort();  // half a state would be worse than none
    return 0;
  }
  tracker.save(saved);
  GroupTracker second({}, GroupRules(kOptions));
  if (!second.restore(saved)) std::abort();
  second.save(again);
  if (saved.size() != again.size()) std::abort();
  return 0;
}
