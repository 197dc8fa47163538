// Collector `perf`: performance events of each CPU, of the hardware, its caches and the kernel, and tracepoints.
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <optional>
#include <string>
#include <vector>

#include "collectors/formats/cpu_list.h"
#include "collectors/kit/attributes.h"
#include "collectors/kit/digits.h"
#include "collectors/kit/made_families.h"
#include "collectors/system/perf_rows.h"
#include "core/collector.h"
#include "core/scan.h"

namespace vitalsd::perf {
namespace {

constexpr std::string_view kOnline = "devices/system/cpu/online";
constexpr std::size_t kMostTracepoints = 256;
constexpr auto kFamilies = family_list<family_total(kHardware, kSoftware, kCache)>(kHardware, kSoftware, kCache);

constexpr std::array kOptions = {
    OptionSpec{"cpus", OptionType::text, "", "CPUs to count on, such as 0,2-6 or 0-10:5; empty: all that are online."},
    OptionSpec{"tracepoint", OptionType::list, "", "Tracepoints to count, as SUBSYSTEM:EVENT."},
    OptionSpec{"disable_hardware_profilers", OptionType::boolean, "false", "Count no events of the processor."},
    OptionSpec{"hardware_profilers", OptionType::list, "", "Which of them, such as CpuCycles; empty: all."},
    OptionSpec{"disable_software_profilers", OptionType::boolean, "false", "Count no events of the kernel."},
    OptionSpec{"software_profilers", OptionType::list, "", "Which of them, such as PageFault; empty: all."},
    OptionSpec{"disable_cache_profilers", OptionType::boolean, "false", "Count no events of the processor's caches."},
    OptionSpec{"cache_profilers", OptionType::list, "", "Which of them, such as LLReadMiss; empty: all."},
};

// Numbers and ranges, with a step: "1-10:5" is 1 and 6.
std::vector<std::uint32_t> parse_cpus(std::string_view text) {
  std::vector<std::uint32_t> cpus;
  const auto number = [&text](std::string_view part) {
    std::uint32_t value = 0;
    const auto [end, ec] = std::from_chars(part.data(), part.data() + part.size(), value);
    if (ec != std::errc{} || end != part.data() + part.size() || value >= cpu_list::kLimit)
      throw OptionError("cpus", "'" + std::string(text) + "' is no list of CPUs");
    return value;
  };
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    const std::string_view part = rest.substr(0, comma);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    const std::size_t dash = part.find('-');
    if (dash == std::string_view::npos) {
      cpus.push_back(number(part));
      continue;
    }
    const std::size_t colon = std::min(part.find(':'), part.size());
    const std::uint32_t step = colon == part.size() ? 1 : number(part.substr(colon + 1));
    if (step == 0 || colon < dash) throw OptionError("cpus", "'" + std::string(text) + "' is no list of CPUs");
    const std::uint32_t last = number(part.substr(dash + 1, colon - dash - 1));
    for (std::uint32_t cpu = number(part.substr(0, dash)); cpu <= last; cpu += step) cpus.push_back(cpu);
  }
  std::ranges::sort(cpus);
  const auto twice = std::ranges::unique(cpus);
  cpus.erase(twice.begin(), twice.end());
  return cpus;
}

struct Tracepoint {
  std::string name;  // "sched:sched_process_fork"
  std::string path;  // of its number, below tracefs
  const Family* family = nullptr;
};

bool is_tracepoint(std::string_view text) {
  const std::size_t colon = text.find(':');
  const auto is_word = [](std::string_view word) {
    return !word.empty() && std::ranges::all_of(word, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    });
  };
  return colon != std::string_view::npos && is_word(text.substr(0, colon)) && is_word(text.substr(colon + 1));
}

class PerfCollector final : public Collector {
 public:
  explicit PerfCollector(const Options& options) : cpus_(parse_cpus(options.text("cpus"))) {
    choose(kHardware, options, "disable_hardware_profilers", "hardware_profilers");
    choose(kSoftware, options, "disable_software_profilers", "software_profilers");
    choose(kCache, options, "disable_cache_profilers", "cache_profilers");
    for (const std::string& name : options.list("tracepoint")) add_tracepoint(name);
  }

  Result<void> collect(CollectContext& context, Sink& sink) override {
    // What is counted is this machine's, whatever the trees are.
    if (!context.host.sysfs->is_kernel()) return fail(Errc::unavailable, "perf");
    if (!begun_) {
      if (const auto begun = begin(context); !begun) return begun;
    }
    const bool again = --rounds_left_ <= 0;
    if (again) rounds_left_ = kRoundsUntilRetry;
    events_.open(most_open(), again);
    events_.read();
    made_.keep(sink);
    return publish(context, sink);
  }

 private:
  template <std::size_t N>
  void choose(const std::array<Profiler, N>& all, const Options& options, std::string_view disable,
              std::string_view only) {
    const std::vector<std::string>& wanted = options.list(only);
    for (const std::string& name : wanted) {
      if (std::ranges::find(all, std::string_view(name), &Profiler::name) == all.end())
        throw OptionError(only, "no profiler is named '" + name + "'");
    }
    if (options.flag(disable)) return;
    for (const Profiler& profiler : all) {
      if (wanted.empty() || std::ranges::find(wanted, profiler.name) != wanted.end()) profilers_.push_back(&profiler);
    }
  }

  void add_tracepoint(const std::string& name) {
    if (!is_tracepoint(name)) throw OptionError("tracepoint", "'" + name + "' is not SUBSYSTEM:EVENT");
    if (tracepoints_.size() == kMostTracepoints) throw OptionError("tracepoint", "there are too many");
    std::string family = "node_perf_", path = "events/";
    append_metric_name(family, name);
    path.append(name);
    std::ranges::replace(path, ':', '/');
    const Family* made = made_.find(family, [&] { return MadeFamily{"Perf tracepoint " + name, Kind::counter, kCpu}; });
    tracepoints_.push_back({.name = name, .path = std::move(path), .family = made});
  }

  Result<void> begin(CollectContext& context) {
    const FileSource& sysfs = *context.host.sysfs;
    if (cpus_.empty()) {
      const auto online = sysfs.attribute(kOnline, context.buffer);
      if (!online) return fail(online.error());
      if (const auto parsed = cpu_list::parse(*online, cpus_); !parsed) return parsed;
    }
    for (const std::uint32_t cpu : cpus_) {
      for (std::size_t row = 0; row < profilers_.size(); ++row) events_.add(cpu, profilers_[row]->kind, row);
    }
    for (std::size_t i = 0; i < tracepoints_.size(); ++i) {
      const auto id = number_of(tracepoints_[i], context);
      for (const std::uint32_t cpu : cpus_)
        if (id) events_.add(cpu, {PERF_TYPE_TRACEPOINT, *id}, profilers_.size() + i);
    }
    begun_ = true;
    return {};
  }

  // Where tracefs is mounted, of newer systems or of older ones.
  static std::optional<std::uint64_t> number_of(const Tracepoint& tracepoint, CollectContext& context) {
    Error error{};
    for (const std::string_view root : {"kernel/tracing/", "kernel/debug/tracing/"}) {
      const auto text = context.host.sysfs->attribute(std::string(root) + tracepoint.path + "/id", context.buffer);
      if (text) {
        const auto id = parse_number<std::uint64_t>(*text, "tracepoint");
        if (id) return *id;
        error = id.error();
        break;
      }
      if (error.code != Errc::denied) error = text.error();
    }
    context.faults.partial(tracepoint.name, "tracepoint", error,
                           "the daemon has to be able to read /sys/kernel/tracing");
    return std::nullopt;
  }

  // A part of what the process may open: all else that the daemon does needs the rest.
  static std::size_t most_open() {
    rlimit limit{};
    return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? static_cast<std::size_t>(limit.rlim_cur / 4) : 0;
  }

  const Family& family_of(const PerfEvent& event) const {
    const std::size_t row = event.row;
    return row < profilers_.size() ? profilers_[row]->family : *tracepoints_[row - profilers_.size()].family;
  }

  // What the machine does not have is absent; what is refused is reported, and fails the run where nothing else is
  // left.
  Result<void> publish(CollectContext& context, Sink& sink) {
    std::size_t known = 0, open = 0;
    int refused = 0, missing = 0;
    for (const PerfEvent& event : events_.all()) {
      const Family& family = family_of(event);
      if (event.known && event.fd) {
        sink.add(family, {Digits(event.cpu)}, event.count);
        ++known;
      }
      open += event.fd ? 1 : 0;
      if (event.fd || event.error == ENODEV) continue;  // ENODEV: its CPU is off
      if (PerfEvents::is_missing(event.error)) {
        missing = event.error;
      } else {
        if (refused == 0)
          context.faults.partial(family.name, "perf", {classify_errno(event.error), event.error, "perf"}, kRemedy);
        refused = event.error;
      }
    }
    if (known > 0 || open > 0 || (refused == 0 && missing == 0)) return {};
    if (refused != 0) return fail(classify_errno(refused), "perf", refused);
    return fail(Errc::unavailable, "perf", missing);
  }

  static constexpr std::string_view kRemedy =
      "CAP_PERFMON, kernel.perf_event_paranoid of at most 2 (Debian sets 3), or more open files (LimitNOFILE=)";
  static constexpr int kRoundsUntilRetry = 60;

  std::vector<std::uint32_t> cpus_;
  std::vector<const Profiler*> profilers_;
  MadeFamilies made_;
  std::vector<Tracepoint> tracepoints_;
  PerfEvents events_{system_perf_event_open};
  bool begun_ = false;
  int rounds_left_ = kRoundsUntilRetry;
};

const Registration kRegistration{{.name = "perf",
                                  .enabled = false,
                                  .help = "Performance events of CPUs, their caches and the kernel.",
                                  .options = kOptions,
                                  .families = kFamilies,
                                  .make = make_configured<PerfCollector>,
                                  .powers = [](const Options&, const Host&) { return Powers{Power::perf_events}; }}};

}  // namespace
}  // namespace vitalsd::perf
