// The number of hung tasks that the kernel detected since boot (kernel.hung_task_detect_count, Linux 6.13 and later).
#include <array>

#include "collectors/kit/attributes.h"

namespace vitalsd {
namespace {

constexpr std::array kTable = {
    Attribute{"hung_task_detect_count",
              {"node_kernel_hung_tasks_total", Kind::counter,
               "Total number of tasks that have been detected as hung since the system booted."}}};
constexpr auto kFamilies = family_list<family_total(kTable)>(kTable);

class KernelHungCollector final : public Collector {
 public:
  Result<void> collect(CollectContext& context, Sink& sink) override {
    if (add_attributes(kTable, *context.host.procfs, "sys/kernel", context, sink) == 0) {
      return fail(Errc::unavailable, "sys/kernel/hung_task_detect_count");
    }
    return {};
  }
};

const Registration kRegistration{{.name = "kernel_hung",
                                  .help = "Tasks that the kernel has seen hang.",
                                  .families = kFamilies,
                                  .make = make_collector<KernelHungCollector>}};

}  // namespace
}  // namespace vitalsd
