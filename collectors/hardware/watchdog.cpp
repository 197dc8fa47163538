// Watchdog devices (Documentation/ABI/testing/sysfs-class-watchdog).
#include <array>
#include <string>

#include "collectors/kit/attributes.h"

namespace vitalsd {
namespace {

constexpr std::string_view kRoot = "class/watchdog";
constexpr std::array<std::string_view, 1> kLabels = {"name"};
constexpr std::array<std::string_view, 6> kInfoLabels = {"name",  "options", "identity",
                                                         "state", "status",  "pretimeout_governor"};

constexpr std::array kTable = {
    Attribute{
        "bootstatus",
        {"node_watchdog_bootstatus", Kind::gauge, "Value of /sys/class/watchdog/<watchdog>/bootstatus", {}, kLabels}},
    Attribute{
        "fw_version",
        {"node_watchdog_fw_version", Kind::gauge, "Value of /sys/class/watchdog/<watchdog>/fw_version", {}, kLabels}},
    Attribute{"nowayout",
              {"node_watchdog_nowayout", Kind::gauge, "Value of /sys/class/watchdog/<watchdog>/nowayout", {}, kLabels}},
    Attribute{"timeleft",
              {"node_watchdog_timeleft_seconds",
               Kind::gauge,
               "Value of /sys/class/watchdog/<watchdog>/timeleft",
               {},
               kLabels}},
    Attribute{
        "timeout",
        {"node_watchdog_timeout_seconds", Kind::gauge, "Value of /sys/class/watchdog/<watchdog>/timeout", {}, kLabels}},
    Attribute{"pretimeout",
              {"node_watchdog_pretimeout_seconds",
               Kind::gauge,
               "Value of /sys/class/watchdog/<watchdog>/pretimeout",
               {},
               kLabels}},
    Attribute{
        "access_cs0",
        {"node_watchdog_access_cs0", Kind::gauge, "Value of /sys/class/watchdog/<watchdog>/access_cs0", {}, kLabels}},
};
constexpr Family kInfo{"node_watchdog_info", Kind::gauge, "Info of /sys/class/watchdog/<watchdog>", {}, kInfoLabels};
constexpr auto kFamilies = family_list<family_total(kTable, kInfo)>(kTable, kInfo);

class WatchdogCollector final : public Collector {
 public:
  Result<void> collect(CollectContext& context, Sink& sink) override {
    const FileSource& sysfs = *context.host.sysfs;
    if (const auto listed = sysfs.list(kRoot, names_); !listed) return fail(listed.error());
    for (std::size_t i = 0; i < names_.size(); ++i) {
      directory_.assign(kRoot).append("/").append(names_[i]);
      const std::array<std::string_view, 1> values = {names_[i]};
      add_attributes(kTable, sysfs, directory_, context, sink, sink.labels(kLabels, values));
      for (std::size_t label = 1; label < kInfoLabels.size(); ++label) {
        take_attribute(texts_[label], sysfs, directory_, kInfoLabels[label], context);
      }
      sink.add(kInfo, {names_[i], texts_[1], texts_[2], texts_[3], texts_[4], texts_[5]}, 1);
    }
    return {};
  }

 private:
  Names names_;
  std::string directory_;
  std::array<std::string, kInfoLabels.size()> texts_;
};

const Registration kRegistration{{.name = "watchdog",
                                  .help = "Watchdog devices.",
                                  .families = kFamilies,
                                  .make = make_collector<WatchdogCollector>}};

}  // namespace
}  // namespace vitalsd
