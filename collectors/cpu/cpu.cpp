#include <array>
#include <optional>

#include "collectors/cpu/cpu_sysfs.h"
#include "collectors/cpu/steady_ticks.h"
#include "collectors/formats/cpuinfo.h"
#include "collectors/formats/proc_stat.h"
#include "collectors/kit/digits.h"
#include "collectors/kit/pattern.h"
#include "core/collector.h"
#include "core/named_families.h"
#include "core/scan.h"

namespace vitalsd {
namespace {

constexpr std::array<std::string_view, 2> kModeLabels = {"cpu", "mode"};
constexpr std::array<std::string_view, 1> kCpuLabels = {"cpu"};
constexpr std::array<std::string_view, 2> kCoreLabels = {"package", "core"};
constexpr std::array<std::string_view, 3> kPlaceLabels = {"package", "core", "cpu"};
constexpr std::array<std::string_view, 10> kInfoLabels = {
    "package", "core", "cpu", "vendor", "family", "model", "model_name", "microcode", "stepping", "cachesize"};
constexpr std::array<std::string_view, 1> kFlagLabels = {"flag"};
constexpr std::array<std::string_view, 1> kBugLabels = {"bug"};

constexpr Family kSeconds{"node_cpu_seconds_total", Kind::counter, "Seconds the CPUs spent in each mode.", "seconds",
                          kModeLabels};
constexpr Family kGuest{"node_cpu_guest_seconds_total", Kind::counter,
                        "Seconds the CPUs spent in guests (VMs) for each mode.", "seconds", kModeLabels};
constexpr Family kInfo{"node_cpu_info", Kind::gauge, "CPU information from /proc/cpuinfo.", {}, kInfoLabels};
constexpr Family kFrequency{"node_cpu_frequency_hertz", Kind::gauge, "CPU frequency in hertz from /proc/cpuinfo.",
                            "hertz", kPlaceLabels};
constexpr Family kFlag{"node_cpu_flag_info",
                       Kind::gauge,
                       "The `flags` field of CPU information from /proc/cpuinfo taken from the first core.",
                       {},
                       kFlagLabels};
constexpr Family kBug{"node_cpu_bug_info",
                      Kind::gauge,
                      "The `bugs` field of CPU information from /proc/cpuinfo taken from the first core.",
                      {},
                      kBugLabels};
constexpr Family kCoreThrottles{"node_cpu_core_throttles_total",
                                Kind::counter,
                                "Number of times this CPU core has been throttled.",
                                {},
                                kCoreLabels};
constexpr Family kPackageThrottles{"node_cpu_package_throttles_total",
                                   Kind::counter,
                                   "Number of times this CPU package has been throttled.",
                                   {},
                                   std::span(kCoreLabels).first<1>()};
constexpr Family kIsolated{"node_cpu_isolated",
                           Kind::gauge,
                           "Whether each core is isolated, information from /sys/devices/system/cpu/isolated.",
                           {},
                           kCpuLabels};
constexpr Family kOnline{"node_cpu_online", Kind::gauge, "CPUs that are online and being scheduled.", {}, kCpuLabels};
constexpr auto kFamilies = family_list<10>(kSeconds, kGuest, kInfo, kFrequency, kFlag, kBug, kCoreThrottles,
                                           kPackageThrottles, kIsolated, kOnline);
constexpr auto kRemembered = families_named(kFamilies, {"node_cpu_seconds_total"});

struct ModeOf {
  CpuTicks::Mode mode;
  const Family& family;
  std::string_view label;
};
// Guest time is also contained in user and nice, so it has a family of its own.
constexpr std::array kModes = {
    ModeOf{CpuTicks::user, kSeconds, "user"},       ModeOf{CpuTicks::nice, kSeconds, "nice"},
    ModeOf{CpuTicks::system, kSeconds, "system"},   ModeOf{CpuTicks::idle, kSeconds, "idle"},
    ModeOf{CpuTicks::iowait, kSeconds, "iowait"},   ModeOf{CpuTicks::irq, kSeconds, "irq"},
    ModeOf{CpuTicks::softirq, kSeconds, "softirq"}, ModeOf{CpuTicks::steal, kSeconds, "steal"},
    ModeOf{CpuTicks::guest, kGuest, "user"},        ModeOf{CpuTicks::guest_nice, kGuest, "nice"},
};

constexpr std::array kOptions = {
    OptionSpec{"guest", OptionType::boolean, "true", "Report time spent in guests (VMs)."},
    OptionSpec{"info", OptionType::boolean, "false", "Report model and frequency of each CPU, from /proc/cpuinfo."},
    OptionSpec{"info_flags_include", OptionType::regex, "", "CPU flags to report; switches info on."},
    OptionSpec{"info_bugs_include", OptionType::regex, "", "CPU bugs to report; switches info on."},
};

// If a mode's time falls this far, the counter began again; node_exporter judges idle time so. The kernel alone causes
// far smaller falls: a tick by rounding (nsec_to_clock_t()), or time that it charges to another mode late, such as
// guest time.
constexpr double kSecondsBack = 3;

class CpuCollector final : public Collector {
 public:
  explicit CpuCollector(const Options& options)
      : guest_(options.flag("guest")),
        flags_(make_filter(options, "info_flags_include", {}).include),
        bugs_(make_filter(options, "info_bugs_include", {}).include),
        info_(options.flag("info") || flags_ || bugs_) {}

  Result<void> collect(CollectContext& context, Sink& sink) override {
    if (const auto times = add_times(context, sink); !times) return times;
    if (info_) {
      if (const auto info = add_info(context, sink); !info && info.error().code != Errc::unavailable) {
        context.faults.partial("cpu", "cpuinfo", info.error(), {});
      }
    }
    sysfs_.refresh(*context.host.sysfs, context.buffer);
    for (const std::uint32_t cpu : sysfs_.isolated()) sink.add(kIsolated, {Digits(cpu)}, 1);
    for (const auto& cpu : sysfs_.cpus()) {
      if (sysfs_.has_online()) sink.add(kOnline, {cpu.number}, cpu.online ? 1 : 0);
    }
    add_throttles(context, sink);
    return {};
  }

 private:
  Result<void> add_times(CollectContext& context, Sink& sink) {
    const auto text = context.host.procfs->read("stat", context.buffer, Keep::yes);
    if (!text) return fail(text.error());
    if (const auto parsed = proc_stat::parse_cpus(*text, parsed_, context.faults); !parsed) return parsed;
    const Units& units = context.host.units;
    const auto most_back = static_cast<std::uint64_t>(kSecondsBack * units.ticks_per_second);
    for (const CpuTicks& cpu : steady_.update(parsed_, most_back)) {
      const Digits number(cpu.cpu);
      for (const ModeOf& mode : kModes) {
        if (mode.mode >= cpu.modes || (!guest_ && &mode.family == &kGuest)) continue;
        sink.add(mode.family, {number, mode.label}, units.ticks(cpu.ticks[mode.mode]));
      }
    }
    return {};
  }

  Result<void> add_info(CollectContext& context, Sink& sink) {
    const auto text = context.host.procfs->read("cpuinfo", context.buffer, Keep::yes);
    if (!text) return fail(text.error());
    if (const auto parsed = cpuinfo::parse(*text, infos_, context.faults); !parsed) return parsed;
    for (const CpuInfo& cpu : infos_) {
      sink.add(kInfo,
               {cpu.package, cpu.core, cpu.processor, cpu.vendor, cpu.family, cpu.model, cpu.model_name, cpu.microcode,
                cpu.stepping, cpu.cache_size},
               1);
      if (!std::isnan(cpu.megahertz)) {
        sink.add(kFrequency, {cpu.package, cpu.core, cpu.processor}, cpu.megahertz * 1e6);
      }
    }
    add_words(kFlag, infos_.front().flags, flags_, sink);
    add_words(kBug, infos_.front().bugs, bugs_, sink);
    return {};
  }

  static void add_words(const Family& family, std::string_view words, const Filter::Matches& include, Sink& sink) {
    if (!include) return;
    Scan scan(words, "cpuinfo");
    for (auto word = scan.optional_word(); !word.empty(); word = scan.optional_word()) {
      if (include(word)) sink.add(family, {word}, 1);
    }
  }

  void add_throttles(CollectContext& context, Sink& sink) const {
    for (const auto& throttle : sysfs_.throttles()) {
      const auto text = context.host.sysfs->attribute(throttle.path, context.buffer, Keep::yes);
      const auto count = text ? parse_number<std::uint64_t>(*text, "thermal_throttle") : fail(text.error());
      if (!count) continue;  // the CPU went offline after the discovery
      if (throttle.core.empty()) {
        sink.add(kPackageThrottles, {throttle.package}, static_cast<double>(*count));
      } else {
        sink.add(kCoreThrottles, {throttle.package, throttle.core}, static_cast<double>(*count));
      }
    }
  }

  bool guest_;
  Filter::Matches flags_;
  Filter::Matches bugs_;
  bool info_;
  std::vector<CpuTicks> parsed_;
  std::vector<CpuInfo> infos_;
  SteadyTicks steady_;
  CpuSysfs sysfs_;
};

const Registration kRegistration{{.name = "cpu",
                                  .help = "CPU time by mode, throttling, and CPU models on request.",
                                  .options = kOptions,
                                  .families = kFamilies,
                                  .remembered = kRemembered,
                                  .never_waits = true,
                                  .make = make_configured<CpuCollector>}};

}  // namespace
}  // namespace vitalsd
