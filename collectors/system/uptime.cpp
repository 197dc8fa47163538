#include "collectors/formats/uptime.h"

#include <cmath>

#include "collectors/formats/pid/pid_stat.h"
#include "core/collector.h"
#include "core/scan.h"

namespace vitalsd {

Result<double> uptime::parse(std::string_view text) {
  Scan scan(text, "uptime");
  const double seconds = scan.number();
  if (!scan.ok() || !std::isfinite(seconds) || seconds < 0) return fail(scan.error());
  return seconds;
}

namespace {

constexpr Family kUptime{"vitalsd_uptime_seconds", Kind::gauge, "Time since the kernel booted.", "seconds"};
constexpr Family kContainerUptime{"vitalsd_container_uptime_seconds", Kind::gauge,
                                  "Time since the first process of this container started; absent outside containers.",
                                  "seconds"};
constexpr auto kFamilies = family_list<2>(kUptime, kContainerUptime);

// The kernel itself starts a machine's first process before it looks for devices, within the first second of the clock
// that counts its start. The first process of a container starts later, once user space is up.
constexpr double kFirstProcessOfMachine = 5;

class UptimeCollector final : public Collector {
 public:
  Result<void> collect(CollectContext& context, Sink& sink) override {
    const auto text = context.host.procfs->attribute("uptime", context.buffer, Keep::yes);
    if (!text) return fail(text.error());
    const auto since_boot = uptime::parse(*text);
    if (!since_boot) return fail(since_boot.error());
    sink.add(kUptime, *since_boot);

    const auto first = context.host.procfs->read("1/stat", context.buffer, Keep::yes);
    if (!first) return {};  // hidden (hidepid) or missing: nothing is known of a container
    const auto stat = pid_stat::parse(*first);
    if (!stat) return fail(stat.error());
    const double started = context.host.units.ticks(stat->starttime);
    // If /proc/uptime itself shows the container's uptime (lxcfs), the start lies after it and means nothing.
    if (started > kFirstProcessOfMachine && started <= *since_boot) sink.add(kContainerUptime, *since_boot - started);
    return {};
  }
};

const Registration kRegistration{{.name = "uptime",
                                  .help = "Time since boot, and since the start of the container around the daemon.",
                                  .families = kFamilies,
                                  .make = make_collector<UptimeCollector>}};

}  // namespace
}  // namespace vitalsd
