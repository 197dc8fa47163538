#include "collectors/network/ethtool/collector.h"

#include <algorithm>
#include <array>

#include "collectors/kit/joined.h"
#include "collectors/kit/netlink_run.h"
#include "collectors/network/ethtool/link_mode_table.h"
#include "collectors/network/ethtool/names.h"

namespace vitalsd::ethtool {
namespace {

constexpr double kBytesOfMegabit = 1e6 / 8;

constexpr std::array<std::string_view, 1> kDevice = {"device"};
constexpr std::array<std::string_view, 2> kPortLabels = {"device", "type"};
constexpr std::array<std::string_view, 3> kSpeedLabels = {"device", "duplex", "mode"};
constexpr std::array<std::string_view, 6> kInfoLabels = {
    "bus_info", "device", "driver", "expansion_rom_version", "firmware_version", "version"};

constexpr Family kInfo{
    "node_ethtool_info", Kind::gauge,
    "A metric with a constant '1' value labeled by bus_info, device, driver, expansion_rom_version, firmware_version, "
    "version.",
    "", kInfoLabels};

// Counters that have names and texts of their own.
struct Common {
  std::string_view counter;
  Family family;
};
template <Literal Counter, Literal Name, Literal Help>
constexpr Common kCommon{joined<Counter>,
                         {joined<"node_ethtool_", Name, "_total">, Kind::untyped, joined<Help>, "", kDevice}};
constexpr std::array kCommons = {
    kCommon<"rx_bytes", "received_bytes", "Network interface bytes received">,
    kCommon<"rx_dropped", "received_dropped", "Number of received frames dropped">,
    kCommon<"rx_errors", "received_errors", "Number of received frames with errors">,
    kCommon<"rx_packets", "received_packets", "Network interface packets received">,
    kCommon<"tx_bytes", "transmitted_bytes", "Network interface bytes sent">,
    kCommon<"tx_errors", "transmitted_errors", "Number of sent frames with errors">,
    kCommon<"tx_packets", "transmitted_packets", "Network interface packets sent">,
};

template <Literal Name, Literal Help>
constexpr Family kFlag{joined<"node_network_", Name>, Kind::gauge, joined<Help>, "", kDevice};

// What a mask of ways says, of those that the device supports and of those that it offers to the other end.
struct MaskFamilies {
  Family speed, autonegotiate, pause, pause_one_way;
};
constexpr std::array<MaskFamilies, 2> kMasks = {{
    {{"node_network_supported_speed_bytes", Kind::gauge,
      "Combination of speeds and features supported by network device", "", kSpeedLabels},
     kFlag<"autonegotiate_supported", "If this port device supports autonegotiate">,
     kFlag<"pause_supported", "If this port device supports pause frames">,
     kFlag<"asymmetricpause_supported", "If this port device supports asymmetric pause frames">},
    {{"node_network_advertised_speed_bytes", Kind::gauge,
      "Combination of speeds and features offered by network device", "", kSpeedLabels},
     kFlag<"autonegotiate_advertised", "If this port device offers autonegotiate">,
     kFlag<"pause_advertised", "If this port device offers pause capability">,
     kFlag<"asymmetricpause_advertised", "If this port device offers asymmetric pause capability">},
}};
constexpr Family kPort{"node_network_supported_port_info", Kind::gauge,
                       "Type of ports or PHYs supported by network device", "", kPortLabels};
constexpr Family kAutonegotiate = kFlag<"autonegotiate", "If this port is using autonegotiate">;

constexpr auto kFamilies = [] {
  std::array<const Family*, 3 + kCommons.size() + 4 * kMasks.size()> all{};
  auto* out = all.data();
  for (const Family* one : {&kInfo, &kPort, &kAutonegotiate}) *out++ = one;
  for (const Common& common : kCommons) *out++ = &common.family;
  for (const MaskFamilies& mask : kMasks) {
    for (const Family* one : {&mask.speed, &mask.autonegotiate, &mask.pause, &mask.pause_one_way}) *out++ = one;
  }
  return all;
}();

constexpr std::array kOptions = {
    OptionSpec{"device_include", OptionType::regex, "", "Devices to report; excludes device_exclude."},
    OptionSpec{"device_exclude", OptionType::regex, "", "Devices to leave out; excludes device_include."},
    OptionSpec{"metrics_include", OptionType::regex, ".*", "Counters of drivers to report."},
};

// What a driver does not have is no fault, nor a device that went away.
void report(CollectContext& context, std::string_view device, std::string_view field, const Error& error) {
  if (!is_gone(error)) context.faults.partial(device, field, error, {});
}

void add_mask(std::span<const std::uint32_t> mask, const MaskFamilies& families, std::string_view device,
              LabelId labels, Sink& sink) {
  for (const SpeedMode& mode : kSpeedModes) {
    if (!LinkSettings::has(mask, mode.bit)) continue;
    sink.add(families.speed, {device, mode.duplex, mode.name}, mode.megabits * kBytesOfMegabit);
  }
  const auto flag = [&](const Family& family, unsigned bit) {
    sink.add(family, labels, LinkSettings::has(mask, bit) ? 1 : 0);
  };
  flag(families.autonegotiate, kAutonegotiates);
  flag(families.pause, kPauses);
  flag(families.pause_one_way, kPausesOneWay);
}

}  // namespace

EthtoolCollector::EthtoolCollector(const Options& options, std::unique_ptr<Ethtool> ethtool)
    : devices_(make_filter(options, "device_include", "device_exclude")),
      metrics_("metrics_include", options.text("metrics_include")),
      ethtool_(std::move(ethtool)) {
  if (devices_.include && devices_.exclude) {
    throw OptionError("device_exclude", "device_include is given too: only one of them can be");
  }
}

// Whether we may ask at all is the same as for netlink: the devices are those of the daemon's own namespace.
Result<void> EthtoolCollector::collect(CollectContext& context, Sink& sink) {
  NetlinkSource* const netlink = netlink_of(context);
  if (netlink == nullptr) return fail(Errc::unavailable, "ethtool");
  if (const auto named = names_.read(*netlink, context); !named) return named;
  for (Known& device : known_) device.seen = false;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (context.stop.stop_requested()) return fail(Errc::timed_out, "ethtool");
    const std::string_view device = names_[i];
    if (!devices_.keeps(device)) continue;
    add_link(context, device, sink);
    add_driver(context, device, sink);
    add_statistics(context, device, sink);
  }
  std::erase_if(known_, [](const Known& device) { return !device.seen; });
  made_.keep(sink);
  return {};
}

void EthtoolCollector::add_link(CollectContext& context, std::string_view device, Sink& sink) {
  if (const auto asked = ethtool_->link(device, settings_); !asked) {
    return report(context, device, "settings", asked.error());
  }
  const std::array values = {device};
  const LabelId labels = sink.labels(kDevice, values);
  add_mask(settings_.supported, kMasks[0], device, labels, sink);
  for (const PortMode& port : kPortModes) {
    if (LinkSettings::has(settings_.supported, port.bit)) sink.add(kPort, {device, port.name}, 1);
  }
  add_mask(settings_.advertised, kMasks[1], device, labels, sink);
  sink.add(kAutonegotiate, labels, settings_.autonegotiates ? 1 : 0);
}

void EthtoolCollector::add_driver(CollectContext& context, std::string_view device, Sink& sink) {
  if (const auto asked = ethtool_->driver(device, driver_); !asked) {
    return report(context, device, "driver", asked.error());
  }
  sink.add(kInfo, {driver_.bus, device, driver_.driver, driver_.option_rom, driver_.firmware, driver_.version}, 1);
}

void EthtoolCollector::add_statistics(CollectContext& context, std::string_view device, Sink& sink) {
  if (const auto asked = ethtool_->statistics(device, statistics_); !asked) {
    return report(context, device, "statistics", asked.error());
  }
  const Known& counters = known(context, device);
  const std::array values = {device};
  const LabelId labels = sink.labels(kDevice, values);
  for (std::size_t i = 0; i < counters.families.size() && i < statistics_.values.size(); ++i) {
    if (counters.families[i] == nullptr) continue;
    sink.add(*counters.families[i], labels, static_cast<double>(statistics_.values[i]));
  }
}

const EthtoolCollector::Known& EthtoolCollector::known(CollectContext& context, std::string_view device) {
  auto found = std::ranges::find(known_, device, &Known::device);
  if (found == known_.end()) found = known_.insert(found, Known{.device = std::string(device)});
  found->seen = true;
  const std::size_t count = statistics_.names.size() / Statistics::kNameBytes;
  if (found->names == statistics_.names && found->families.size() == count) return *found;
  found->names = statistics_.names;
  found->families.clear();
  bool too_many = false;
  for (std::size_t i = 0; i < count; ++i) {
    sanitize(sanitized_, statistics_.name(i));
    const bool wanted = !sanitized_.empty() && metrics_.found_in(sanitized_);
    found->families.push_back(wanted ? family_of(sanitized_) : nullptr);
    too_many = too_many || (wanted && found->families.back() == nullptr);
  }
  // Statistics whose sanitized names are equal are left out, as their series could not be distinguished.
  std::vector<const Family*> sorted = found->families;
  std::ranges::sort(sorted);
  for (const Family*& one : found->families) {
    if (std::ranges::equal_range(sorted, one).size() > 1) one = nullptr;
  }
  if (too_many) context.faults.partial(device, "statistics", {Errc::too_large, 0, "ethtool"}, {});
  return *found;
}

const Family* EthtoolCollector::family_of(std::string_view counter) {
  if (const auto common = std::ranges::find(kCommons, counter, &Common::counter); common != kCommons.end()) {
    return &common->family;
  }
  metric_name(name_, counter);
  const auto same = std::ranges::find(kFamilies, name_, &Family::name);
  if (same != kFamilies.end()) return (*same)->kind == Kind::untyped ? *same : nullptr;
  return made_.find(name_, [counter] {
    return MadeFamily{
        .help = std::string("Network interface ").append(counter), .kind = Kind::untyped, .labels = kDevice};
  });
}

namespace {

std::unique_ptr<Collector> make(const Options& options) {
  return std::make_unique<EthtoolCollector>(options, open_ethtool());
}

const Registration kRegistration{
    {.name = "ethtool",
     .enabled = false,
     .help = "Counters, drivers and link modes of network devices, as ethtool(8) shows them.",
     .options = kOptions,
     .families = kFamilies,
     .make = make}};

}  // namespace
}  // namespace vitalsd::ethtool
