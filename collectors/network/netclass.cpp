#include <array>
#include <optional>

#include "collectors/kit/netlink_run.h"
#include "collectors/kit/pattern.h"
#include "collectors/network/netclass_families.h"
#include "collectors/network/netclass_links.h"
#include "core/collector.h"

namespace vitalsd {
namespace {

using namespace netclass;

constexpr auto kFamilies =
    family_list<family_total(kUp, kInfo, kSpeed.family, kProperties)>(kUp, kInfo, kSpeed.family, kProperties);

constexpr std::array kOptions = {
    OptionSpec{"ignored_devices", OptionType::regex, "^$", "Devices to leave out."},
    OptionSpec{
        "ignore_invalid_speed", OptionType::boolean, "false",
        "Leave out the speed of devices that give a negative one: the link is down, or the driver does not know."},
    OptionSpec{
        "netlink", OptionType::boolean, "true",
        "Ask for all devices at once over netlink, where that and sysfs are of the same system. The series are the "
        "same either way."},
};

constexpr std::size_t kKeptDevices =
    2;  // whose files stay open: those of many would take the places of all other collectors

class NetclassCollector final : public Collector {
 public:
  explicit NetclassCollector(const Options& options)
      : devices_(make_filter(options, {}, "ignored_devices")),
        ignore_invalid_speed_(options.flag("ignore_invalid_speed")) {
    if (options.flag("netlink")) links_.emplace(devices_, ignore_invalid_speed_);
  }

  Result<void> collect(CollectContext& context, Sink& sink) override {
    if (NetlinkSource* const netlink = links_ ? netlink_of(context) : nullptr; netlink != nullptr) {
      const auto asked = links_->collect(context, *netlink, sink);
      if (asked) return {};
      if (asked.error().code != Errc::unavailable) report_netlink(context, "netclass", asked.error());
    }
    if (const auto listed = context.host.sysfs->list(kClass, names_); !listed) return listed;
    const Keep keep = names_.size() <= kKeptDevices ? Keep::yes : Keep::no;
    for (std::size_t i = 0; i < names_.size() && i < kMostDevices; ++i) {
      if (context.stop.stop_requested()) return fail(Errc::timed_out, kClass);
      if (names_[i] == "bonding_masters" || !devices_.keeps(names_[i])) continue;
      add_device(context, sink, names_[i], keep);
    }
    return {};
  }

 private:
  /// Empty when the device does not have it, as node_exporter's labels are then.
  void take(std::string& out, CollectContext& context, std::string_view file, Keep keep) {
    take_attribute(out, *context.host.sysfs, directory_, file, context, keep);
    while (!out.empty() && (out.back() == ' ' || out.back() == '\n')) out.pop_back();
  }

  void add_device(CollectContext& context, Sink& sink, std::string_view name, Keep keep) {
    directory_.assign(kClass).append("/").append(name);
    take(operstate_, context, "operstate", keep);
    if (operstate_.empty()) return;  // it went away, or is no device
    const std::array labels = {name};
    const LabelId device = sink.labels(kDevice, labels);
    sink.add(kUp, device, operstate_ == "up" ? 1 : 0);

    std::string_view adminstate = "unknown";
    for (const Attribute& property : kProperties) {
      const auto value = read_number(*context.host.sysfs, directory_, property.file, context, property.base, keep);
      if (!value) continue;
      sink.add(property.family, device, *value);
      if (property.file == "flags") {
        adminstate = (static_cast<std::uint64_t>(*value) & kUpFlag) != 0 ? "up" : "down";
      }
    }
    const auto speed = read_number(*context.host.sysfs, directory_, kSpeed.file, context, 10, keep);
    if (speed && (*speed >= 0 || !ignore_invalid_speed_)) sink.add(kSpeed.family, device, *speed * kBytesOfMegabit);

    take(address_, context, "address", keep);
    take(broadcast_, context, "broadcast", keep);
    take(duplex_, context, "duplex", keep);
    take(alias_, context, "ifalias", keep);
    const std::array<std::string_view, 7> info = {name, address_, broadcast_, duplex_, operstate_, adminstate, alias_};
    sink.add(kInfo, sink.labels(kInfoLabels, info), 1);
  }

  Filter devices_;
  bool ignore_invalid_speed_;
  std::optional<Links> links_;
  Names names_;
  std::string directory_, operstate_, address_, broadcast_, duplex_, alias_;
};

const Registration kRegistration{{.name = "netclass",
                                  .help = "Properties of network devices: state, carrier, speed, addresses.",
                                  .options = kOptions,
                                  .families = kFamilies,
                                  .make = make_configured<NetclassCollector>}};

}  // namespace
}  // namespace vitalsd
