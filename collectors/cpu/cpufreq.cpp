// Frequencies and governors of CPUs (Documentation/admin-guide/pm/cpufreq.rst). The kernel's unit is kHz.
#include <array>
#include <string>

#include "collectors/kit/attributes.h"
#include "collectors/kit/digits.h"
#include "core/scan.h"

namespace vitalsd {
namespace {

constexpr std::string_view kRoot = "devices/system/cpu";
constexpr std::array<std::string_view, 1> kLabels = {"cpu"};
constexpr std::array<std::string_view, 2> kGovernorLabels = {"cpu", "governor"};

constexpr std::array kTable = {
    Attribute{"cpuinfo_cur_freq",
              {"node_cpu_frequency_hertz", Kind::gauge, "Current CPU thread frequency in hertz.", {}, kLabels},
              1000},
    Attribute{"cpuinfo_min_freq",
              {"node_cpu_frequency_min_hertz", Kind::gauge, "Minimum CPU thread frequency in hertz.", {}, kLabels},
              1000},
    Attribute{"cpuinfo_max_freq",
              {"node_cpu_frequency_max_hertz", Kind::gauge, "Maximum CPU thread frequency in hertz.", {}, kLabels},
              1000},
    Attribute{
        "scaling_cur_freq",
        {"node_cpu_scaling_frequency_hertz", Kind::gauge, "Current scaled CPU thread frequency in hertz.", {}, kLabels},
        1000},
    Attribute{"scaling_min_freq",
              {"node_cpu_scaling_frequency_min_hertz",
               Kind::gauge,
               "Minimum scaled CPU thread frequency in hertz.",
               {},
               kLabels},
              1000},
    Attribute{"scaling_max_freq",
              {"node_cpu_scaling_frequency_max_hertz",
               Kind::gauge,
               "Maximum scaled CPU thread frequency in hertz.",
               {},
               kLabels},
              1000},
};
constexpr Family kGovernor{
    "node_cpu_scaling_governor", Kind::gauge, "Current enabled CPU frequency governor.", {}, kGovernorLabels};
constexpr auto kFamilies = family_list<family_total(kTable, kGovernor)>(kTable, kGovernor);

class CpufreqCollector final : public Collector {
 public:
  Result<void> collect(CollectContext& context, Sink& sink) override {
    const FileSource& sysfs = *context.host.sysfs;
    if (const auto listed = sysfs.list(kRoot, names_); !listed) return fail(listed.error());
    for (std::size_t i = 0; i < names_.size(); ++i) {
      const std::string_view cpu = number_behind("cpu", names_[i]);
      if (cpu.empty()) continue;
      directory_.assign(kRoot).append("/").append(names_[i]).append("/cpufreq");
      const std::array values = {cpu};
      add_attributes(kTable, sysfs, directory_, context, sink, sink.labels(kLabels, values));
      add_governors(context, sink, cpu);
    }
    return {};
  }

 private:
  void add_governors(CollectContext& context, Sink& sink, std::string_view cpu) {
    const auto current = read_attribute(*context.host.sysfs, directory_, "scaling_governor", context);
    if (!current || current->empty()) return;
    governor_.assign(*current);
    const auto all = read_attribute(*context.host.sysfs, directory_, "scaling_available_governors", context);
    if (!all) return;
    for (Scan scan(*all, "scaling_available_governors"); !scan.skip_blanks().at_end();) {
      const std::string_view name = scan.optional_word();
      if (name.empty()) break;
      sink.add(kGovernor, {cpu, name}, name == governor_ ? 1 : 0);
    }
  }

  Names names_;
  std::string directory_, governor_;
};

const Registration kRegistration{{.name = "cpufreq",
                                  .help = "Frequencies and governors of CPUs.",
                                  .families = kFamilies,
                                  .make = make_collector<CpufreqCollector>}};

}  // namespace
}  // namespace vitalsd
