// The processor vulnerabilities that the kernel knows of (Documentation/ABI/testing/sysfs-devices-system-cpu).
#include <array>
#include <string>

#include "collectors/kit/attributes.h"

namespace vitalsd {
namespace {

constexpr std::string_view kRoot = "devices/system/cpu/vulnerabilities";
constexpr std::array<std::string_view, 3> kLabels = {"codename", "state", "mitigation"};
constexpr Family kInfo{"node_cpu_vulnerabilities_info",
                       Kind::gauge,
                       "Details of each CPU vulnerability reported by sysfs. The value of the series is an int encoded "
                       "state of the vulnerability. The same state is stored as a string in the label",
                       {},
                       kLabels};
constexpr std::array kFamilies = {&kInfo};

struct State {
  std::string_view beginning, label;
};
constexpr std::array kStates = {State{"Not affected", "not affected"}, State{"Vulnerable", "vulnerable"},
                                State{"Mitigation", "mitigation"}};

class CpuVulnerabilitiesCollector final : public Collector {
 public:
  Result<void> collect(CollectContext& context, Sink& sink) override {
    if (const auto listed = context.host.sysfs->list(kRoot, names_); !listed) return fail(listed.error());
    for (std::size_t i = 0; i < names_.size(); ++i) {
      const auto text = read_attribute(*context.host.sysfs, kRoot, names_[i], context);
      if (text) add(context, sink, names_[i], *text);
    }
    return {};
  }

 private:
  static void add(CollectContext& context, Sink& sink, std::string_view name, std::string_view text) {
    for (const State& state : kStates) {
      if (!text.starts_with(state.beginning)) continue;
      text.remove_prefix(state.beginning.size());
      if (text.starts_with(": ") || text.starts_with("; ")) text.remove_prefix(2);  // "Vulnerable; STIBP: disabled"
      return sink.add(kInfo, {name, state.label, text}, 1);
    }
    context.faults.partial(name, "vulnerabilities", {Errc::malformed, 0, kRoot}, {});
  }

  Names names_;
};

const Registration kRegistration{{.name = "cpu_vulnerabilities",
                                  .enabled = false,
                                  .help = "Processor vulnerabilities and their mitigations.",
                                  .families = kFamilies,
                                  .make = make_collector<CpuVulnerabilitiesCollector>}};

}  // namespace
}  // namespace vitalsd
