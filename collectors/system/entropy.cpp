#include <array>

#include "core/collector.h"
#include "core/scan.h"

namespace vitalsd {
namespace {

struct Source {
  std::string_view path;
  Family family;
};

// proc_sys_kernel(5), drivers/char/random.c
constexpr std::array kSources = {
    Source{"sys/kernel/random/entropy_avail",
           {"node_entropy_available_bits", Kind::gauge, "Bits of available entropy."}},
    Source{"sys/kernel/random/poolsize", {"node_entropy_pool_size_bits", Kind::gauge, "Bits of entropy pool."}},
};
constexpr auto kFamilies = family_list<2>(kSources[0].family, kSources[1].family);

class EntropyCollector final : public Collector {
 public:
  Result<void> collect(CollectContext& context, Sink& sink) override {
    std::size_t found = 0;
    for (const Source& source : kSources) {
      const auto text = context.host.procfs->attribute(source.path, context.buffer, Keep::yes);
      if (!text && text.error().code == Errc::unavailable) continue;
      if (!text) return fail(text.error());
      Scan scan(*text, source.path);
      const auto bits = scan.integer();
      if (!scan.ok()) return fail(scan.error());
      sink.add(source.family, static_cast<double>(bits));
      ++found;
    }
    if (found == 0) return fail(Errc::unavailable, "sys/kernel/random");
    return {};
  }
};

const Registration kRegistration{{.name = "entropy",
                                  .help = "Entropy of the kernel's random number generator.",
                                  .families = kFamilies,
                                  .never_waits = true,
                                  .make = make_collector<EntropyCollector>}};

}  // namespace
}  // namespace vitalsd
