// Collector `netdev`: traffic and errors of network devices, over rtnetlink or from /proc/net/dev.
#include <array>
#include <cerrno>

#include "collectors/formats/net/net_dev.h"
#include "collectors/formats/netlink/net_links.h"
#include "collectors/kit/attributes.h"
#include "collectors/kit/interface_addresses.h"
#include "collectors/kit/netlink_run.h"
#include "collectors/kit/pattern.h"
#include "collectors/network/netdev_rows.h"
#include "core/collector.h"
#include "core/named_families.h"

namespace vitalsd::netdev {
namespace {

constexpr Family kNoHandler{"node_network_receive_nohandler_total", Kind::counter,
                            "Network device statistic receive_nohandler.", "", std::span(kLabels).first(1)};
constexpr std::array<std::string_view, 4> kAddressLabels = {"device", "address", "netmask", "scope"};
constexpr Family kAddress{"node_network_address_info", Kind::gauge, "node network address by device", "",
                          kAddressLabels};
constexpr auto kFamilies =
    family_list<family_total(kCounterRows, kNoHandler, kAddress)>(kCounterRows, kNoHandler, kAddress);
constexpr auto kRemembered =
    families_named(kFamilies, {"node_network_receive_bytes_total", "node_network_receive_errs_total",
                               "node_network_receive_drop_total", "node_network_transmit_bytes_total",
                               "node_network_transmit_errs_total", "node_network_transmit_drop_total"});

constexpr std::array kOptions = {
    OptionSpec{"device_include", OptionType::regex, "", "Devices to report; excludes device_exclude."},
    OptionSpec{"device_exclude", OptionType::regex, "", "Devices to leave out; excludes device_include."},
    OptionSpec{"address_info", OptionType::boolean, "false",
               "Report the addresses of the devices, those of the network namespace that the daemon runs in."},
    OptionSpec{
        "netlink", OptionType::boolean, "true",
        "Ask the kernel over netlink, which knows one counter more than /proc/net/dev, where both are of the same "
        "system."},
    OptionSpec{"enable_detailed_metrics", OptionType::boolean, "false",
               "Report the counters under the names of Linux's own statistics, which distinguish kinds of errors, "
               "instead of the "
               "ordinary names."},
    OptionSpec{"label_ifalias", OptionType::boolean, "false",
               "Add the label ifalias, the alias that an administrator gave to the device, to all counters."},
};

class NetdevCollector final : public Collector {
 public:
  explicit NetdevCollector(const Options& options)
      : devices_(make_filter(options, "device_include", "device_exclude")),
        address_info_(options.flag("address_info")),
        netlink_(options.flag("netlink")),
        detailed_(options.flag("enable_detailed_metrics")),
        label_ifalias_(options.flag("label_ifalias")) {
    if (devices_.include && devices_.exclude) {
      throw OptionError("device_exclude", "device_include is given too: only one of them can be");
    }
  }

  Result<void> collect(CollectContext& context, Sink& sink) override {
    // Addresses and aliases are asked for under the kernel's lock of the network's configuration, which may be held:
    // such a run is refused on the loop and made again on the pool, as one that has to open a file.
    OpenRule* const rule = context.host.opening.get();
    if ((address_info_ || label_ifalias_) && rule != nullptr && rule->kept_only) {
      rule->opened = true;
      return fail(Errc::io, "netdev", EAGAIN);
    }
    if (const auto read = read_counters(context, sink); !read) return read;
    // The system has no file of them. Fixtures are not of this machine.
    if (!address_info_ || !context.host.procfs->is_kernel()) return {};
    const auto asked = each_interface_address([&](const InterfaceAddress& a) {
      if (devices_.keeps(a.device)) sink.add(kAddress, {a.device, a.address, a.netmask, a.scope}, 1);
    });
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
      if (!devices_.keeps(device.name)) continue;
      const LabelId labels = labels_of(device.name, label_ifalias_ ? read_alias(device.name, context) : "", sink);
      add(device, detailed_ ? kDetailedFile : kOrdinary, labels, sink);
    }
    return {};
  }

  std::string_view read_alias(std::string_view device, CollectContext& context) {
    path_.assign("class/net/").append(device);
    return take_attribute(alias_, *context.host.sysfs, path_, "ifalias", context, Keep::no);
  }

  LabelId labels_of(std::string_view device, std::string_view alias, Sink& sink) const {
    const std::array values = {device, alias};
    const std::size_t count = label_ifalias_ ? 2 : 1;
    return sink.labels(std::span(kLabels).first(count), std::span(values).first(count));
  }

  static void add(const NetDevice& device, std::uint8_t set, LabelId labels, Sink& sink) {
    for (const CounterRow& row : kCounterRows) {
      if ((row.sets & set) != 0) sink.add(row.family, labels, static_cast<double>(device.counters[row.counter]));
    }
  }

  void add_link(CollectContext& context, const NetlinkMessage& message, Sink& sink) const {
    const auto link = net_links::parse(message);
    if (!link) return context.faults.partial("netlink", "link", link.error(), {});
    if (!devices_.keeps(link->name)) return;
    const auto counters = net_links::counters_of(*link);
    if (!counters) return;
    const LabelId labels = labels_of(link->name, link->alias, sink);
    if (detailed_) {
      add_statistics(*link, labels, sink);
    } else {
      add(*counters, kOrdinary, labels, sink);
    }
    if (const auto unhandled = net_links::no_handler_of(*link)) {
      sink.add(kNoHandler, labels, static_cast<double>(*unhandled));
    }
  }

  static void add_statistics(const NetLink& link, LabelId labels, Sink& sink) {
    for (const CounterRow& row : kCounterRows) {
      if ((row.sets & kDetailedLink) == 0) continue;
      if (const auto value = net_links::statistic_of(link, row.at))
        sink.add(row.family, labels, static_cast<double>(*value));
    }
  }

  Filter devices_;
  bool address_info_, netlink_, detailed_, label_ifalias_;
  std::string path_, alias_;
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
}  // namespace vitalsd::netdev
