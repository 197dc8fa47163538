#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <optional>
#include <string>

#include "collectors/formats/psi.h"
#include "collectors/kit/joined.h"
#include "collectors/kit/psi_triggers.h"
#include "collectors/kit/stall_count.h"
#include "core/collector.h"
#include "core/lines.h"
#include "core/named_families.h"
#include "core/retry.h"

namespace vitalsd {

Result<Pressure> psi::parse(std::string_view text, FaultSink& faults) {
  constexpr std::string_view kFormat = "pressure", kTotal = "total=";
  Pressure pressure;
  Lines lines(text, kFormat, faults);
  while (lines.next()) {
    const std::string_view kind = lines->word();
    double* const seconds = kind == "some" ? &pressure.some_seconds : kind == "full" ? &pressure.full_seconds : nullptr;
    if (seconds == nullptr) continue;
    std::string_view word;
    do {
      word = lines->word();
    } while (lines->ok() && !word.starts_with(kTotal));
    const auto microseconds = parse_number<std::uint64_t>(word.substr(std::min(kTotal.size(), word.size())), kFormat);
    if (!microseconds) lines->set_failed();
    if (lines.keep()) *seconds = static_cast<double>(*microseconds) / 1e6;
  }
  if (const auto result = lines.result(); !result) return fail(result.error());
  return pressure;
}

namespace {

template <Literal Name, Literal What>
constexpr Family kSeconds{joined<"node_pressure_", Name, "_seconds_total">, Kind::counter,
                          joined<"Total time in seconds ", What>, "seconds"};
constexpr auto some = [](const Pressure& p) { return p.some_seconds; };
constexpr auto full = [](const Pressure& p) { return p.full_seconds; };

constexpr std::array kCpu = {
    Row<Pressure>{kSeconds<"cpu_waiting", "that processes have waited for CPU time">, some},
};
constexpr std::array kIo = {
    Row<Pressure>{kSeconds<"io_waiting", "that processes have waited due to IO congestion">, some},
    Row<Pressure>{kSeconds<"io_stalled", "no process could make progress due to IO congestion">, full},
};
constexpr std::array kMemory = {
    Row<Pressure>{kSeconds<"memory_waiting", "that processes have waited for memory">, some},
    Row<Pressure>{kSeconds<"memory_stalled", "no process could make progress due to memory congestion">, full},
};
constexpr std::array kIrq = {
    Row<Pressure>{kSeconds<"irq_stalled", "no process could make progress due to IRQ congestion">, full},
};
constexpr std::array<std::string_view, 2> kStallLabels = {"resource", "kind"};
constexpr Family kStalls{"vitalsd_pressure_stalls_total", Kind::counter,
                         "Times that the kernel reported 100 ms lost within 2 s, at the moment it happened: waiting "
                         "(some task) or stalled (no task could make progress).",
                         "", kStallLabels};
constexpr auto kFamilies =
    family_list<family_total(kCpu, kIo, kMemory, kIrq, kStalls)>(kCpu, kIo, kMemory, kIrq, kStalls);
constexpr auto kRemembered =
    families_named(kFamilies, {"node_pressure_cpu_waiting_seconds_total", "node_pressure_io_waiting_seconds_total",
                               "node_pressure_io_stalled_seconds_total", "node_pressure_memory_waiting_seconds_total",
                               "node_pressure_memory_stalled_seconds_total"});

constexpr std::array kOptions = {
    OptionSpec{
        "triggers", OptionType::boolean, "true",
        "Let the kernel wake the daemon as soon as 100 ms are lost within 2 s, instead of waiting for the next tick."},
};

// A trigger to arm, and the value that it watches.
struct Trigger {
  std::string_view path, resource, kind, word;
  double Pressure::* seconds;
  bool worth_report;  ///< nothing made progress; tasks that wait for a CPU or a disk are normal
};
constexpr std::array kTriggers = {
    Trigger{"pressure/cpu", "cpu", "waiting", "some", &Pressure::some_seconds, false},
    Trigger{"pressure/io", "io", "waiting", "some", &Pressure::some_seconds, false},
    Trigger{"pressure/io", "io", "stalled", "full", &Pressure::full_seconds, true},
    Trigger{"pressure/memory", "memory", "waiting", "some", &Pressure::some_seconds, false},
    Trigger{"pressure/memory", "memory", "stalled", "full", &Pressure::full_seconds, true},
};

struct Resource {
  std::string_view path;
  std::span<const Row<Pressure>> rows;
};
constexpr std::array kResources = {Resource{"pressure/cpu", kCpu}, Resource{"pressure/io", kIo},
                                   Resource{"pressure/memory", kMemory}, Resource{"pressure/irq", kIrq}};

class PressureCollector final : public Collector {
 public:
  explicit PressureCollector(const Options& options) { wanted_.fill(options.flag("triggers")); }

  int wake_fd() const noexcept override { return triggers_.fd(); }
  bool woken() noexcept override {
    fired_ = true;
    return true;
  }

  Result<void> collect(CollectContext& context, Sink& sink) override {
    if (const auto armed = arm(context); !armed) return armed;
    if (const auto all = read(context); !all) return all;
    // Nothing below can fail, so that no stall is counted twice.
    const bool fired = fired_.exchange(false);
    for (std::size_t i = 0; i < kResources.size(); ++i) {
      if (!pressures_[i]) continue;
      sink.add_rows(kResources[i].rows, *pressures_[i]);
      count(context, kResources[i].path, *pressures_[i], fired);
    }
    for (std::size_t i = 0; i < kTriggers.size(); ++i) {
      if (watched_[i].armed()) sink.add(kStalls, {kTriggers[i].resource, kTriggers[i].kind}, watched_[i].stalls());
    }
    return {};
  }

 private:
  Result<void> read(CollectContext& context) {
    const FileSource& procfs = *context.host.procfs;
    Error lacking{Errc::unavailable, 0, "pressure"};
    std::optional<Error> unread;
    bool any = false;
    std::array<bool, kResources.size()> absent = lacks_;
    for (std::size_t i = 0; i < kResources.size(); ++i) {
      pressures_[i].reset();
      if (lacks_[i]) continue;
      const auto text = procfs.attribute(kResources[i].path, context.buffer, Keep::yes);
      if (!text && text.error().code == Errc::unavailable) {
        if (text.error().sys != 0) lacking = text.error();  // "not supported" says more than "no such file"
        absent[i] = true;
        continue;
      }
      if (!text && text.error().sys == EAGAIN) return fail(text.error());  // not open yet: the run is repeated
      const auto pressure = text ? psi::parse(*text, context.faults) : Result<Pressure>(fail(text.error()));
      if (!pressure) {
        context.faults.partial(kResources[i].path, "pressure", pressure.error(), {});
        unread = pressure.error();
        continue;
      }
      pressures_[i] = *pressure;
      any = true;
    }
    if (!any) return fail(unread.value_or(lacking));
    // A file that is absent while others exist was not built into the kernel.
    if (procfs.is_kernel()) lacks_ = absent;
    return {};
  }

  // Fails alone where this run may not open a file.
  Result<void> arm(CollectContext& context) {
    if (!lack_ && armed_once_) return {};
    const auto now = context.host.clock->steady();
    if (retry_.due(now)) {
      std::optional<Error> lack;
      for (std::size_t i = 0; i < kTriggers.size(); ++i) {
        if (!wanted_[i]) continue;
        auto armed = triggers_.arm(*context.host.procfs, kTriggers[i].path, kTriggers[i].word);
        if (!armed && armed.error().code == Errc::would_open) return fail(armed.error());
        wanted_[i] = !armed && is_exhausted(armed.error().sys);
        if (wanted_[i]) lack = Error{Errc::io, armed.error().sys, "pressure trigger"};
        if (armed) watched_[i].arm(std::move(*armed));
      }
      armed_once_ = true;
      lack_ = lack;
      retry_.asked(now);
    }
    if (lack_) {
      context.faults.partial("pressure", "triggers", *lack_, "raise the limit of descriptors (LimitNOFILE=) or memory");
    }
    return {};
  }

  void count(CollectContext& context, std::string_view path, const Pressure& pressure, bool fired) {
    const auto now = context.host.clock->steady();
    for (std::size_t i = 0; i < kTriggers.size(); ++i) {
      const Trigger& trigger = kTriggers[i];
      if (trigger.path != path) continue;
      if (!watched_[i].observe(now, pressure.*trigger.seconds, fired) || !trigger.worth_report) continue;
      context.happened({EventKind::pressure, trigger.resource, "no task made progress for 100 ms of 2 s"});
    }
  }

  PsiTriggers triggers_;
  std::array<bool, kTriggers.size()> wanted_{};  ///< and not armed yet
  bool armed_once_ = false;
  Retry retry_;
  std::optional<Error> lack_;  ///< why, where that may change
  std::atomic<bool> fired_ = false;
  std::array<StallCount, kTriggers.size()> watched_;
  std::array<std::optional<Pressure>, kResources.size()> pressures_;
  std::array<bool, kResources.size()> lacks_{};
};

const Registration kRegistration{{.name = "pressure",
                                  .help = "Time lost waiting for CPU, I/O, memory and interrupts (PSI).",
                                  .options = kOptions,
                                  .families = kFamilies,
                                  .remembered = kRemembered,
                                  .never_waits = true,
                                  .make = make_configured<PressureCollector>,
                                  .powers = [](const Options& options, const Host&) {
                                    return options.flag("triggers") ? Powers{Power::pressure_triggers} : Powers{};
                                  }}};

}  // namespace
}  // namespace vitalsd
