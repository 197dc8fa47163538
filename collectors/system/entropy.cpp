#include <array>

#include "collectors/kit/attributes.h"
#include "core/collector.h"

namespace vitalsd {
namespace {

// proc_sys_kernel(5), drivers/char/random.c
constexpr std::array kTable = {
    Attribute{"entropy_avail", {"node_entropy_available_bits", Kind::gauge, "Bits of available entropy."}},
    Attribute{"poolsize", {"node_entropy_pool_size_bits", Kind::gauge, "Bits of entropy pool."}},
};
constexpr auto kFamilies = family_list<family_total(kTable)>(kTable);

class EntropyCollector final : public Collector {
 public:
  Result<void> collect(CollectContext& context, Sink& sink) override {
    return require_attributes(kTable, *context.host.procfs, "sys/kernel/random", context, sink);
  }
};

const Registration kRegistration{{.name = "entropy",
                                  .help = "Entropy of the kernel's random number generator.",
                                  .families = kFamilies,
                                  .never_waits = true,
                                  .make = make_collector<EntropyCollector>}};

}  // namespace
}  // namespace vitalsd
