#include <algorithm>
#include <array>

#include "collectors/formats/cpu_counts.h"
#include "collectors/kit/digits.h"
#include "core/collector.h"

namespace vitalsd {
namespace {

constexpr std::array<std::string_view, 2> kLabels = {"cpu", "type"};
constexpr Family kCalls{"node_softirqs_functions_total", Kind::counter, "Softirq counts per CPU.", "", kLabels};
constexpr auto kFamilies = family_list<1>(kCalls);

class SoftirqsCollector final : public Collector {
 public:
  Result<void> collect(CollectContext& context, Sink& sink) override {
    const auto text = context.host.procfs->read("softirqs", context.buffer, Keep::yes);
    if (!text) return fail(text.error());
    if (const auto parsed = cpu_counts::parse(*text, counts_, context.faults); !parsed) return parsed;
    for (const CpuCounts::Row& row : counts_.rows) {
      const auto numbers = counts_.of(row);
      for (std::size_t i = 0; i < numbers.size(); ++i) {
        sink.add(kCalls, {Digits(counts_.cpus[i]), row.name}, static_cast<double>(numbers[i]));
      }
    }
    return {};
  }

 private:
  CpuCounts counts_;
};

const Registration kRegistration{{.name = "softirqs",
                                  .enabled = false,
                                  .help = "Calls of each kind of softirq by CPU.",
                                  .families = kFamilies,
                                  .never_waits = true,
                                  .make = make_collector<SoftirqsCollector>}};

}  // namespace
}  // namespace vitalsd
