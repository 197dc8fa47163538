#include <array>
#include <cctype>
#include <chrono>
#include <ctime>
#include <string>

#include "core/collector.h"
#include "core/scan.h"

namespace vitalsd {
namespace {

constexpr std::array<std::string_view, 1> kZoneLabels = {"time_zone"};
constexpr std::array<std::string_view, 2> kSourceLabels = {"device", "clocksource"};
constexpr Family kSeconds{"node_time_seconds", Kind::gauge, "System time in seconds since epoch (1970).", "seconds"};
constexpr Family kZone{"node_time_zone_offset_seconds", Kind::gauge, "System time zone offset in seconds.", "seconds",
                       kZoneLabels};
constexpr Family kAvailable{"node_time_clocksource_available_info",
                            Kind::gauge,
                            "Available clocksources read from '/sys/devices/system/clocksource'.",
                            {},
                            kSourceLabels};
constexpr Family kCurrent{"node_time_clocksource_current_info",
                          Kind::gauge,
                          "Current clocksource read from '/sys/devices/system/clocksource'.",
                          {},
                          kSourceLabels};
constexpr auto kFamilies = family_list<4>(kSeconds, kZone, kAvailable, kCurrent);

constexpr std::string_view kDirectory = "devices/system/clocksource";
constexpr std::string_view kDevice = "clocksource";

constexpr auto kLookAgain = std::chrono::minutes(1);

class TimeCollector final : public Collector {
 public:
  Result<void> collect(CollectContext& context, Sink& sink) override {
    const auto now = context.host.clock->now();
    sink.add(kSeconds, unix_seconds(now));
    const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
    std::tm local{};
    if (::localtime_r(&seconds, &local) != nullptr) {
      sink.add(kZone, {local.tm_zone}, static_cast<double>(local.tm_gmtoff));
    }
    add_clock_sources(context, sink);
    return {};
  }

 private:
  // Documentation/ABI/testing/sysfs-devices-system-cpu. A machine may lack clock sources; the time is valid all the
  // same.
  void add_clock_sources(CollectContext& context, Sink& sink) {
    // The devices do not change while the machine runs, but they are listed again for safety.
    if (const auto now = context.host.clock->steady(); now >= next_look_) {
      const auto listed = context.host.sysfs->list(kDirectory, names_);
      if (!listed) names_.clear();
      if (listed || !is_passing(listed.error())) next_look_ = now + kLookAgain;
    }
    for (std::size_t i = 0; i < names_.size(); ++i) {
      const std::string_view name = names_[i];
      if (!name.starts_with(kDevice)) continue;
      const std::string_view device = name.substr(kDevice.size());
      if (device.empty() || !std::isdigit(static_cast<unsigned char>(device.front()))) continue;
      if (const auto text = read(context, name, "available_clocksource")) {
        Scan scan(*text, kDirectory);
        for (auto word = scan.optional_word(); !word.empty(); word = scan.optional_word()) {
          sink.add(kAvailable, {device, word}, 1);
        }
      }
      if (const auto text = read(context, name, "current_clocksource"); text && !text->empty()) {
        sink.add(kCurrent, {device, *text}, 1);
      }
    }
  }

  Result<std::string_view> read(CollectContext& context, std::string_view device, std::string_view attribute) {
    path_.assign(kDirectory).append("/").append(device).append("/").append(attribute);
    return context.host.sysfs->attribute(path_, context.buffer, Keep::yes);
  }

  Names names_;
  std::chrono::steady_clock::time_point next_look_{};
  std::string path_;
};

const Registration kRegistration{{.name = "time",
                                  .help = "System time, time zone and clock sources.",
                                  .families = kFamilies,
                                  .never_waits = true,
                                  .make = make_collector<TimeCollector>}};

}  // namespace
}  // namespace vitalsd
