#include <array>

#include "collectors/kit/attributes.h"
#include "collectors/kit/joined.h"
#include "collectors/kit/pattern.h"
#include "core/collector.h"

namespace vitalsd {
namespace {

constexpr std::array<std::string_view, 1> kDevice = {"device"};
constexpr std::array<std::string_view, 7> kInfoLabels = {"device",    "address",    "broadcast", "duplex",
                                                         "operstate", "adminstate", "ifalias"};

template <Literal File, Literal Word, Kind OfKind = Kind::gauge, Literal Unit = "">
constexpr Attribute kProperty{
    joined<File>,
    {joined<"node_network_", Word>, OfKind, joined<"Network device property: ", Word>, joined<Unit>, kDevice},
    1,
    0};

constexpr Family kUp{"node_network_up", Kind::gauge, "Value is 1 if operstate is 'up', 0 otherwise.", "", kDevice};
constexpr Family kInfo{"node_network_info", Kind::gauge,
                       "Non-numeric data from /sys/class/net/<iface>, value is always 1.", "", kInfoLabels};
constexpr Attribute kSpeed = kProperty<"speed", "speed_bytes", Kind::gauge, "bytes">;  // the file has Mbit/s
constexpr std::array kProperties = {
    kProperty<"addr_assign_type", "address_assign_type">,
    kProperty<"carrier", "carrier">,
    kProperty<"carrier_changes", "carrier_changes_total", Kind::counter>,
    kProperty<"carrier_up_count", "carrier_up_changes_total", Kind::counter>,
    kProperty<"carrier_down_count", "carrier_down_changes_total", Kind::counter>,
    kProperty<"dev_id", "device_id">,
    kProperty<"dormant", "dormant">,
    kProperty<"flags", "flags">,
    kProperty<"ifindex", "iface_id">,
    kProperty<"iflink", "iface_link">,
    kProperty<"link_mode", "iface_link_mode">,
    kProperty<"mtu", "mtu_bytes", Kind::gauge, "bytes">,
    kProperty<"name_assign_type", "name_assign_type">,
    kProperty<"netdev_group", "net_dev_group">,
    kProperty<"tx_queue_len", "transmit_queue_length">,
    kProperty<"type", "protocol_type">,
};
constexpr auto kFamilies =
    family_list<family_total(kUp, kInfo, kSpeed.family, kProperties)>(kUp, kInfo, kSpeed.family, kProperties);

constexpr std::array kOptions = {
    OptionSpec{"ignored_devices", OptionType::regex, "^$", "Devices to leave out."},
    OptionSpec{
        "ignore_invalid_speed", OptionType::boolean, "false",
        "Leave out the speed of devices that give a negative one: the link is down, or the driver does not know."},
};

constexpr std::string_view kClass = "class/net";
constexpr std::size_t kMostDevices = 4096;
constexpr std::size_t kKeptDevices =
    2;                           // whose files stay open: those of many would take the places of all other collectors
constexpr unsigned kUpFlag = 1;  // IFF_UP

class NetclassCollector final : public Collector {
 public:
  explicit NetclassCollector(const Options& options)
      : devices_(make_filter(options, {}, "ignored_devices")),
        ignore_invalid_speed_(options.flag("ignore_invalid_speed")) {}

  Result<void> collect(CollectContext& context, Sink& sink) override {
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
    if (speed && (*speed >= 0 || !ignore_invalid_speed_)) sink.add(kSpeed.family, device, *speed * 1e6 / 8);

    take(address_, context, "address", keep);
    take(broadcast_, context, "broadcast", keep);
    take(duplex_, context, "duplex", keep);
    take(alias_, context, "ifalias", keep);
    const std::array<std::string_view, 7> info = {name, address_, broadcast_, duplex_, operstate_, adminstate, alias_};
    sink.add(kInfo, sink.labels(kInfoLabels, info), 1);
  }

  Filter devices_;
  bool ignore_invalid_speed_;
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
