// Collector `pcidevice`: links, power states and virtual functions of PCI devices (/sys/bus/pci/devices,
// Documentation/ABI/testing/sysfs-bus-pci). What they are is read when one comes or goes; a warm run reads the rest.
#include <fcntl.h>

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "collectors/formats/pci_ids.h"
#include "collectors/kit/attributes.h"
#include "collectors/kit/joined.h"
#include "collectors/kit/seen_names.h"
#include "core/collector.h"
#include "core/fd.h"
#include "core/scan.h"

namespace vitalsd {
namespace {

constexpr std::string_view kRoot = "bus/pci/devices";
constexpr std::size_t kMostDevices = 4096;
constexpr std::size_t kKeptDevices = 8;  // whose files stay open: those of many would take the places of all others
constexpr std::size_t kLongestIds = 16U << 20U;
constexpr std::size_t kPlace = 4;  // labels that identify a device
constexpr std::array<std::string_view, 19> kInfoLabels = {"segment",
                                                          "bus",
                                                          "device",
                                                          "function",
                                                          "parent_segment",
                                                          "parent_bus",
                                                          "parent_device",
                                                          "parent_function",
                                                          "class_id",
                                                          "vendor_id",
                                                          "device_id",
                                                          "subsystem_vendor_id",
                                                          "subsystem_device_id",
                                                          "revision",
                                                          "vendor_name",
                                                          "device_name",
                                                          "subsystem_vendor_name",
                                                          "subsystem_device_name",
                                                          "class_name"};
constexpr std::size_t kWithoutNames = 14;
constexpr std::array<std::string_view, kPlace> kDevice = {"segment", "bus", "device", "function"};
constexpr std::array<std::string_view, 5> kStateLabels = {"segment", "bus", "device", "function", "state"};
constexpr std::array<std::string_view, 7> kStates = {"D0", "D1", "D2", "D3hot", "D3cold", "unknown", "error"};
// By their order in Info::ids.
constexpr std::array<std::string_view, 6> kIds = {"class",   "vendor", "device", "subsystem_vendor", "subsystem_device",
                                                  "revision"};

template <Literal Name, Literal Help>
constexpr Family kFamily{joined<"node_pcidevice_", Name>, Kind::gauge, joined<Help>, "", kDevice};
template <Literal File, Literal Help>
constexpr Attribute kAttribute{joined<File>, kFamily<File, Help>};

constexpr Family kInfo{"node_pcidevice_info", Kind::gauge,
                       "Non-numeric data from /sys/bus/pci/devices/<location>, value is always 1.", "",
                       std::span(kInfoLabels).first(kWithoutNames)};
constexpr Family kPowerState{"node_pcidevice_power_state", Kind::gauge,
                             "PCIe device power state, one of: D0, D1, D2, D3hot, D3cold, unknown or error.", "",
                             kStateLabels};
constexpr Family kNumaNode =
    kFamily<"numa_node", "NUMA node number for the PCI device. -1 indicates unknown or not available.">;
constexpr Family kMaxSpeed =
    kFamily<"max_link_transfers_per_second", "Value of maximum link's transfers per second (T/s)">;
constexpr Family kSpeed =
    kFamily<"current_link_transfers_per_second", "Value of current link's transfers per second (T/s)">;
constexpr Family kMaxWidth = kFamily<"max_link_width", "Value of maximum link's width (number of lanes)">;
constexpr Family kWidth = kFamily<"current_link_width", "Value of current link's width (number of lanes)">;
constexpr std::array kAttributes = {
    kAttribute<"d3cold_allowed", "Whether the PCIe device supports D3cold power state (0/1).">,
    kAttribute<"sriov_drivers_autoprobe", "Whether SR-IOV drivers autoprobe is enabled for the device (0/1).">,
    kAttribute<"sriov_numvfs", "Number of Virtual Functions (VFs) currently enabled for SR-IOV.">,
    kAttribute<"sriov_totalvfs", "Total number of Virtual Functions (VFs) supported by the device.">,
    kAttribute<"sriov_vf_total_msix", "Total number of MSI-X vectors for Virtual Functions.">,
};
constexpr auto kFamilies =
    family_list<family_total(kInfo, kPowerState, kNumaNode, kMaxSpeed, kSpeed, kMaxWidth, kWidth, kAttributes)>(
        kInfo, kPowerState, kNumaNode, kMaxSpeed, kSpeed, kMaxWidth, kWidth, kAttributes);

constexpr std::array kOptions = {
    OptionSpec{"names", OptionType::boolean, "false", "Add the names that pci.ids has to node_pcidevice_info."},
    OptionSpec{"idsfile", OptionType::text, "",
               "The file with the names; empty: pci.ids below /usr/share/misc or /usr/share/hwdata of the host."},
};

using Location = std::array<std::string, kPlace>;

// "0000:45:00.0": segment, bus, device and function, as the kernel writes them.
std::optional<Location> parse_location(std::string_view text) {
  Location location;
  constexpr std::array<char, kPlace> kEnds = {':', ':', '.', '\0'};
  for (std::size_t i = 0; i < kPlace; ++i) {
    const std::size_t end = kEnds[i] == '\0' ? text.size() : text.find(kEnds[i]);
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view part = text.substr(0, end);
    if (part.empty() || part.size() > 8 || part.find_first_not_of("0123456789abcdef") != std::string_view::npos)
      return std::nullopt;
    location[i] = part;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return location;
}

std::string_view last_part(std::string_view path) { return path.substr(path.rfind('/') + 1); }

struct Device {
  std::string directory;
  std::vector<std::string> info;  // values of kInfoLabels
};

class PcideviceCollector final : public Collector {
 public:
  explicit PcideviceCollector(const Options& options) : names_(options.flag("names")), file_(options.text("idsfile")) {}

  Result<void> collect(CollectContext& context, Sink& sink) override {
    if (const auto listed = context.host.sysfs->list(kRoot, entries_); !listed) return listed;
    // What could not be read may be there later.
    if (seen_.changed(entries_) || (incomplete_ && --rounds_left_ <= 0)) discover(context);
    const Keep keep = devices_.size() <= kKeptDevices ? Keep::yes : Keep::no;
    for (const Device& device : devices_) {
      if (context.stop.stop_requested()) return fail(Errc::timed_out, kRoot);
      publish(device, keep, context, sink);
    }
    return {};
  }

 private:
  void discover(CollectContext& context) {
    devices_.clear();
    incomplete_ = false;
    rounds_left_ = kRoundsUntilDiscovery;
    std::vector<PciNames> wanted;
    for (std::size_t i = 0; i < entries_.size() && devices_.size() < kMostDevices; ++i)
      add_device(entries_[i], context, wanted);
    if (!names_) return;
    if (const auto text = read_ids(context)) {
      pci_ids::look_up(*text, wanted);
    } else {
      incomplete_ = true;
      context.faults.partial("pci.ids", "names", text.error(), {});
    }
    for (std::size_t i = 0; i < devices_.size(); ++i) add_names(wanted[i], devices_[i].info);
  }

  void add_device(std::string_view entry, CollectContext& context, std::vector<PciNames>& wanted) {
    const FileSource& sysfs = *context.host.sysfs;
    Device device;
    device.directory.append(kRoot).append("/").append(entry);
    std::string above;
    // "../../../devices/pci0000:00/0000:00:02.1/0000:01:00.0" lies below a bridge, which is a device, too.
    if (const auto link = sysfs.link(device.directory, context.buffer)) {
      const std::size_t slash = link->rfind('/');
      if (slash != std::string_view::npos) above = last_part(link->substr(0, slash));
    }
    const auto location = parse_location(entry);
    if (!location) return context.faults.partial(entry, "location", {Errc::malformed, 0, kRoot}, {});
    device.info.assign(location->begin(), location->end());
    if (const auto parent = parse_location(above)) {
      device.info.insert(device.info.end(), parent->begin(), parent->end());
    } else {
      device.info.insert(device.info.end(), kPlace, "*");
    }
    std::array<std::uint32_t, kIds.size()> ids{};
    for (std::size_t i = 0; i < kIds.size(); ++i) {
      const auto text = read_attribute(sysfs, device.directory, kIds[i], context, Keep::no);
      if (!text) {  // all of these are there as long as the device is
        incomplete_ = true;
        return;
      }
      const auto id = parse_number_in_hex(*text);
      if (!id) return context.faults.partial(entry, kIds[i], {Errc::malformed, 0, kRoot}, {});
      ids[i] = *id;
      device.info.emplace_back(*text);
    }
    wanted.push_back({.vendor = ids[1],
                      .device = ids[2],
                      .subsystem_vendor = ids[3],
                      .subsystem_device = ids[4],
                      .of_class = ids[0]});
    devices_.push_back(std::move(device));
  }

  static std::optional<std::uint32_t> parse_number_in_hex(std::string_view text) {
    if (!text.starts_with("0x")) return std::nullopt;
    Scan scan(text.substr(2), "pci");
    const auto number = scan.integer<std::uint32_t>(16);
    return scan.ok() ? std::optional(number) : std::nullopt;
  }

  Result<std::string_view> read_ids(CollectContext& context) const {
    if (!file_.empty()) {
      const Fd fd(::open(file_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
      if (!fd) return fail(classify_errno(errno), "pci.ids", errno);
      return read_to_end(fd.get(), context.buffer, kLongestIds, "pci.ids");
    }
    const auto text = context.host.rootfs->read("usr/share/misc/pci.ids", context.buffer);
    return text ? text : context.host.rootfs->read("usr/share/hwdata/pci.ids", context.buffer);
  }

  // What has no name is called by its number, without the "0x".
  static void add_names(const PciNames& names, std::vector<std::string>& info) {
    constexpr std::size_t kClass = 8, kVendor = 9, kDeviceId = 10, kSubvendor = 11, kSubdevice = 12;
    const auto add = [&info](const std::string& name, std::size_t id) {
      info.push_back(name.empty() ? info[id].substr(2) : name);
    };
    add(names.vendor_name, kVendor);
    add(names.device_name, kDeviceId);
    add(names.subsystem_vendor_name, kSubvendor);
    add(names.subsystem_device_name, kSubdevice);
    info.push_back(names.class_name.empty() ? "Unknown class (" + info[kClass].substr(2) + ")" : names.class_name);
  }

  void publish(const Device& device, Keep keep, CollectContext& context, Sink& sink) {
    const FileSource& sysfs = *context.host.sysfs;
    std::array<std::string_view, kInfoLabels.size()> values;
    for (std::size_t i = 0; i < device.info.size(); ++i) values[i] = device.info[i];
    sink.add(kInfo,
             sink.labels(std::span(kInfoLabels).first(device.info.size()), std::span(values).first(device.info.size())),
             1);
    const LabelId labels = sink.labels(kDevice, std::span(values).first(kPlace));
    const std::string& path = device.directory;
    bool asleep = false;
    if (const auto state = read_attribute(sysfs, path, "power_state", context, keep)) {
      asleep = *state == "D3cold";
      for (const std::string_view each : kStates)
        sink.add(kPowerState, {values[0], values[1], values[2], values[3], each}, each == *state ? 1 : 0);
    }
    add_link("max_link_speed", kMaxSpeed, "max_link_width", kMaxWidth, path, keep, context, sink, labels);
    // To ask for the link as it is wakes a device that sleeps.
    if (!asleep)
      add_link("current_link_speed", kSpeed, "current_link_width", kWidth, path, keep, context, sink, labels);
    for (const Attribute& attribute : kAttributes) {
      if (const auto value = read_number(sysfs, path, attribute.file, context, 10, keep))
        sink.add(attribute.family, labels, *value);
    }
    if (const auto node = read_number(sysfs, path, "numa_node", context, 10, keep); node && *node != -1)
      sink.add(kNumaNode, labels, *node);
  }

  // "8.0 GT/s PCIe" and "4"; "Unknown" is the speed of what has no link.
  void add_link(std::string_view speed_file, const Family& speed, std::string_view width_file, const Family& width,
                const std::string& path, Keep keep, CollectContext& context, Sink& sink, LabelId labels) {
    constexpr double kGiga = 1e9;
    const FileSource& sysfs = *context.host.sysfs;
    if (const auto text = read_attribute(sysfs, path, speed_file, context, keep);
        text && !text->empty() && !text->starts_with("Unknown")) {
      Scan scan(*text, "pci");
      const double transfers = scan.number();
      if (scan.expect("GT/s").ok()) {
        sink.add(speed, labels, transfers * kGiga);
      } else {
        context.faults.partial(path, speed_file, scan.error(), {});
      }
    }
    constexpr double kNoWidth = 255;  // PCIE_LNK_WIDTH_UNKNOWN
    if (const auto lanes = read_number(sysfs, path, width_file, context, 10, keep); lanes && *lanes != kNoWidth)
      sink.add(width, labels, *lanes);
  }

  static constexpr int kRoundsUntilDiscovery = 60;

  bool names_;
  std::string file_;
  bool incomplete_ = false;
  int rounds_left_ = 0;
  Names entries_;
  SeenNames seen_;
  std::vector<Device> devices_;
};

const Registration kRegistration{{.name = "pcidevice",
                                  .enabled = false,
                                  .help = "Links, power states and virtual functions of PCI devices.",
                                  .options = kOptions,
                                  .families = kFamilies,
                                  .make = make_configured<PcideviceCollector>}};

}  // namespace
}  // namespace vitalsd
