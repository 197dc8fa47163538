#include <array>
#include <string>

#include "core/collector.h"
#include "core/lines.h"

namespace vitalsd {
namespace {

constexpr std::array<std::string_view, 2> kLabels = {"device", "swap_type"};
constexpr std::size_t kMostSwaps = 1024;  // the kernel has MAX_SWAPFILES, 32

struct Swap {
  double size = 0, used = 0, priority = 0;
};
constexpr double kKilobyte = 1024;

constexpr std::array kRows = {
    Row<Swap>{{"node_swap_size_bytes", Kind::gauge, "Swap device size in bytes.", "bytes", kLabels},
              [](const Swap& swap) { return swap.size * kKilobyte; }},
    Row<Swap>{{"node_swap_used_bytes", Kind::gauge, "Swap device used in bytes.", "bytes", kLabels},
              [](const Swap& swap) { return swap.used * kKilobyte; }},
    Row<Swap>{{"node_swap_priority", Kind::gauge, "Swap device priority.", "", kLabels},
              [](const Swap& swap) { return swap.priority; }},
};
constexpr auto kFamilies = family_list<family_total(kRows)>(kRows);

class SwapCollector final : public Collector {
 public:
  Result<void> collect(CollectContext& context, Sink& sink) override {
    const auto text = context.host.procfs->read("swaps", context.buffer, Keep::yes);
    if (!text) return fail(text.error());
    Lines lines(*text, "swaps", context.faults);
    for (std::size_t count = 0; count < kMostSwaps && lines.next();) {
      if (lines.whole().starts_with("Filename")) {
        lines.skip();
        continue;
      }
      const std::string_view device = lines->word();
      const std::string_view type = lines->word();
      const Swap swap{.size = static_cast<double>(lines->integer()),
                      .used = static_cast<double>(lines->integer()),
                      .priority = static_cast<double>(lines->integer<std::int64_t>())};
      if (!lines.keep(device)) continue;
      ++count;
      const std::array values = {device, type};
      sink.add_rows(kRows, swap, sink.labels(kLabels, values));
    }
    return lines.result();
  }
};

const Registration kRegistration{{.name = "swap",
                                  .enabled = false,
                                  .help = "Sizes and priorities of swap devices.",
                                  .families = kFamilies,
                                  .never_waits = true,
                                  .make = make_collector<SwapCollector>}};

}  // namespace
}  // namespace vitalsd
