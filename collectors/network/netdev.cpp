#include <array>
#include <cerrno>

#include "collectors/formats/net/net_dev.h"
#include "collectors/formats/netlink/net_links.h"
#include "collectors/kit/interface_addresses.h"
#include "collectors/kit/joined.h"
#include "collectors/kit/netlink_run.h"
#include "collectors/kit/pattern.h"
#include "core/collector.h"
#include "core/named_families.h"

namespace vitalsd {
namespace {

constexpr std::array<std::string_view, 1> kLabels = {"device"};

template <Literal Word, NetDevice::Counter Which>
constexpr Row<NetDevice> kRow{
    {joined<"node_network_", Word, "_total">, Kind::counter, joined<"Network device statistic ", Word, ".">,
     joined<Word>.ends_with("bytes") ? "bytes" : "", kLabels},
    [](const NetDevice& device) { return static_cast<double>(device.counters[Which]); }};

constexpr std::array kRows = {
    kRow<"receive_bytes", NetDevice::rx_bytes>,
    kRow<"receive_packets", NetDevice::rx_packets>,
    kRow<"receive_errs", NetDevice::rx_errs>,
    kRow<"receive_drop", NetDevice::rx_drop>,
    kRow<"receive_fifo", NetDevice::rx_fifo>,
    kRow<"receive_frame", NetDevice::rx_frame>,
    kRow<"receive_compressed", NetDevice::rx_compressed>,
    kRow<"receive_multicast", NetDevice::rx_multicast>,
    kRow<"transmit_bytes", NetDevice::tx_bytes>,
    kRow<"transmit_packets", NetDevice::tx_packets>,
    kRow<"transmit_errs", NetDevice::tx_errs>,
    kRow<"transmit_drop", NetDevice::tx_drop>,
    kRow<"transmit_fifo", NetDevice::tx_fifo>,
    kRow<"transmit_colls", NetDevice::tx_colls>,
    kRow<"transmit_carrier", NetDevice::tx_carrier>,
    kRow<"transmit_compressed", NetDevice::tx_compressed>,
};
constexpr Family kNoHandler{"node_network_receive_nohandler_total", Kind::counter,
                            "Network device statistic receive_nohandler.", "", kLabels};
constexpr std::array<std::string_view, 4> kAddressLabels = {"device", "address", "netmask", "scope"};
constexpr Family kAddress{"node_network_address_info", Kind::gauge, "node network address by device", "",
                          kAddressLabels};
constexpr auto kFamilies = family_list<family_total(kRows, kNoHandler, kAddress)>(kRows, kNoHandler, kAddress);
constexpr auto kRemembered =
    families_named(kFamilies, {"node_network_receive_bytes_total", "node_network_receive_errs_total",
                               "node_network_receive_drop_total", "node_network_transmit_bytes_total",
                               "node_network_transmit_errs_total", "node_network_transmit_drop_total"});

constexpr std::array kOptions = {
    OptionSpec{"device_include", OptionType::regex, "", "Devices to report; excludes device_exclude."},
    OptionSpec{"device_exclude", OptionType::regex, "", "Devices to leave out; excludes device_include."},
    OptionSpec{"address_info", OptionType::boolean, "false",
               "Report the addresses of all devices, those of the network namespace that the daemon runs in."},
    OptionSpec{
        "netlink", OptionType::boolean, "true",
        "Ask the kernel over netlink, which knows one counter more than /proc/net/dev, where both are of the same "
        "system."},
};

class NetdevCollector final : public Collector {
 public:
  explicit NetdevCollector(const Options& options)
      : devices_(make_filter(options, "device_include", "device_exclude")),
        address_info_(options.flag("address_info")),
        netlink_(options.flag("netlink")) {
    if (devices_.include && devices_.exclude) {
      throw OptionError("device_exclude", "device_include is given too: only one of them can be");
    }
  }

  Result<void> collect(CollectContext& context, Sink& sink) override {
    // Addresses are asked for under the kernel's lock of the network's configuration, which may be held: such a run is
    // refused on the loop and made again on the pool, as one that has to open a file.
    OpenRule* const rule = context.host.opening.get();
    if (address_info_ && rule != nullptr && rule->kept_only) {
      rule->opened = true;
      return fail(Errc::io, "getifaddrs", EAGAIN);
    }
    if (const auto read = read_counters(context, sink); !read) return read;
    // The system has no file of them. The device filters are of the counters, as node_exporter's are. Fixtures are not
    // of this machine.
    if (!address_info_ || !context.host.procfs->is_kernel()) return {};
    const auto asked = each_interface_address(
        [&sink](const InterfaceAddress& a) { sink.add(kAddress, {a.device, a.address, a.netmask, a.scope}, 1); });
    if (!asked) context.faults.partial("addresses", "netdev", asked.error(), {});
    return {};
  }

 private:
  Result<void> read_counters(CollectContext& context, Sink& sink) {
    if (NetlinkSource* const netlink = netlink_ ? netlink_of(context) : nullptr; netlink != nullptr) {
      const auto asked = netlink->whole(net_links::request(), kSameMoment, [&](const NetlinkMessage& message) {
        add_link(context, message, sink);
        return Result<void>();
      });
      if (asked) return {};
      report_netlink(context, "netdev", asked.error());
    }
    const auto text = context.host.procfs->read("net/dev", context.buffer, Keep::yes);
    if (!text) return fail(text.error());
    if (const auto parsed = net_dev::parse(*text, parsed_, context.faults); !parsed) return parsed;
    for (const NetDevice& device : parsed_) {
      if (devices_.keeps(device.name)) add(device, sink);
    }
    return {};
  }

  static LabelId add(const NetDevice& device, Sink& sink) {
    const std::array values = {device.name};
    const LabelId labels = sink.labels(kLabels, values);
    sink.add_rows(kRows, device, labels);
    return labels;
  }

  void add_link(CollectContext& context, const NetlinkMessage& message, Sink& sink) const {
    const auto link = net_links::parse(message);
    if (!link) return context.faults.partial("netlink", "link", link.error(), {});
    if (!devices_.keeps(link->name)) return;
    const auto counters = net_links::counters_of(*link);
    if (!counters) return;
    const LabelId labels = add(*counters, sink);
    if (const auto unhandled = net_links::no_handler_of(*link)) {
      sink.add(kNoHandler, labels, static_cast<double>(*unhandled));
    }
  }

  Filter devices_;
  bool address_info_, netlink_;
  std::vector<NetDevice> parsed_;
};

const Registration kRegistration{{.name = "netdev",
                                  .help = "Traffic and errors of network devices.",
                                  .options = kOptions,
                                  .families = kFamilies,
                                  .remembered = kRemembered,
                                  .never_waits = true,
                                  .make = make_configured<NetdevCollector>}};

}  // namespace
}  // namespace vitalsd
