#include <array>
#include <cmath>
#include <optional>

#include "collectors/formats/net/net_netstat.h"
#include "collectors/formats/pid/pid_limits.h"
#include "collectors/formats/pid/pid_stat.h"
#include "collectors/formats/proc_stat.h"
#include "core/collector.h"
#include "core/named_families.h"

namespace vitalsd {
namespace {

// The values that Prometheus's client libraries publish about their own process.
struct Self {
  double cpu_seconds = kAbsent;
  double open_fds = kAbsent;
  double max_fds = kAbsent;
  double virtual_bytes = kAbsent;
  double virtual_max_bytes = kAbsent;
  double resident_bytes = kAbsent;
  double start_time = kAbsent;
  double received_bytes = kAbsent;
  double sent_bytes = kAbsent;
};

constexpr std::array kRows = {
    Row<Self>{
        {"process_cpu_seconds_total", Kind::counter, "Total user and system CPU time spent in seconds.", "seconds"},
        [](const Self& s) { return s.cpu_seconds; }},
    Row<Self>{{"process_max_fds", Kind::gauge, "Maximum number of open file descriptors."},
              [](const Self& s) { return s.max_fds; }},
    Row<Self>{{"process_network_receive_bytes_total", Kind::counter,
               "Number of bytes received by the process over the network.", "bytes"},
              [](const Self& s) { return s.received_bytes; }},
    Row<Self>{{"process_network_transmit_bytes_total", Kind::counter,
               "Number of bytes sent by the process over the network.", "bytes"},
              [](const Self& s) { return s.sent_bytes; }},
    Row<Self>{{"process_open_fds", Kind::gauge, "Number of open file descriptors."},
              [](const Self& s) { return s.open_fds; }},
    Row<Self>{{"process_resident_memory_bytes", Kind::gauge, "Resident memory size in bytes.", "bytes"},
              [](const Self& s) { return s.resident_bytes; }},
    Row<Self>{{"process_start_time_seconds", Kind::gauge, "Start time of the process since unix epoch in seconds.",
               "seconds"},
              [](const Self& s) { return s.start_time; }},
    Row<Self>{{"process_virtual_memory_bytes", Kind::gauge, "Virtual memory size in bytes.", "bytes"},
              [](const Self& s) { return s.virtual_bytes; }},
    Row<Self>{{"process_virtual_memory_max_bytes", Kind::gauge, "Maximum amount of virtual memory available in bytes.",
               "bytes"},
              [](const Self& s) { return s.virtual_max_bytes; }},
};
constexpr auto kFamilies = family_list<family_total(kRows)>(kRows);
constexpr auto kRemembered =
    families_named(kFamilies, {"process_cpu_seconds_total", "process_open_fds", "process_resident_memory_bytes"});

constexpr auto kLookAgain = std::chrono::minutes(1);

double value_of(const std::optional<std::uint64_t>& number) { return number ? static_cast<double>(*number) : kAbsent; }

class SelfCollector final : public Collector {
 public:
  Result<void> collect(CollectContext& context, Sink& sink) override {
    const Host& host = context.host;
    const auto text = host.self->attribute("stat", context.buffer, Keep::yes);
    if (!text) return fail(text.error());
    const auto stat = pid_stat::parse(*text);
    if (!stat) return fail(stat.error());
    Self self;
    self.cpu_seconds = host.units.ticks(stat->utime + stat->stime);
    self.virtual_bytes = static_cast<double>(stat->vsize);
    self.resident_bytes = host.units.pages(stat->rss);
    if (const auto boot = boot_time(context)) self.start_time = *boot + host.units.ticks(stat->starttime);
    if (const auto open = host.self->count("fd", names_, Keep::yes)) self.open_fds = static_cast<double>(*open);
    add_limits(context, self);
    add_network(context, self);
    sink.add_rows(kRows, self);
    return {};
  }

 private:
  // This file is one of the most expensive here, and limits rarely change.
  void add_limits(CollectContext& context, Self& self) {
    if (const auto now = context.host.clock->steady(); now >= next_look_) {
      const auto text = context.host.self->read("limits", context.buffer, Keep::yes);
      const auto limits = text ? pid_limits::parse(*text, context.faults) : Result<PidLimits>(fail(text.error()));
      if (text && !limits) context.faults.partial("self", "limits", limits.error(), {});
      limits_ = limits.value_or(PidLimits{});
      if (limits) next_look_ = now + kLookAgain;
    }
    self.max_fds = value_of(limits_.open_files);
    self.virtual_max_bytes = value_of(limits_.address_space);
  }

  static void add_network(CollectContext& context, Self& self) {
    const auto text = context.host.self->read("net/netstat", context.buffer, Keep::yes);
    if (!text) return;
    const auto octets = net_netstat::parse_octets(*text, context.faults);
    if (!octets) return context.faults.partial("self", "net/netstat", octets.error(), {});
    self.received_bytes = value_of(octets->in);
    self.sent_bytes = value_of(octets->out);
  }

  // The kernel's boot time changes when the wall clock is set, but /proc/stat is too long to read in each round.
  std::optional<double> boot_time(CollectContext& context) {
    const Clock& clock = *context.host.clock;
    const double offset = unix_seconds(clock.now()) - seconds(clock.steady().time_since_epoch());
    if (boot_time_ && std::abs(offset - offset_) < 1) return boot_time_;
    offset_ = offset;
    boot_time_.reset();
    const auto text = context.host.procfs->read("stat", context.buffer);
    if (!text) return boot_time_;
    NoFaults unheard;  // the stat collector reports bad lines
    const auto totals = proc_stat::parse_totals(*text, unheard);
    if (totals && totals->boot_time) boot_time_ = static_cast<double>(*totals->boot_time);
    return boot_time_;
  }

  Names names_;
  PidLimits limits_;
  std::chrono::steady_clock::time_point next_look_{};
  std::optional<double> boot_time_;
  double offset_ = 0;
};

const Registration kRegistration{{.name = "self",
                                  .help = "CPU, memory, descriptors and traffic of the daemon itself.",
                                  .families = kFamilies,
                                  .remembered = kRemembered,
                                  .never_waits = true,
                                  .make = make_collector<SelfCollector>}};

}  // namespace
}  // namespace vitalsd
