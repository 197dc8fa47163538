#include <algorithm>
#include <array>

#include "collectors/network/infiniband_counters.h"
#include "core/collector.h"
#include "core/scan.h"

namespace vitalsd {
namespace {

constexpr std::array<std::string_view, 4> kInfoLabels = {"device", "board_id", "firmware_version", "hca_type"};
constexpr Family kInfo{"node_infiniband_info", Kind::gauge,
                       "Non-numeric data from /sys/class/infiniband/<device>, value is always 1.", "", kInfoLabels};
constexpr Family kState{"node_infiniband_state_id", Kind::gauge,
                        "State of the InfiniBand port (0: no change, 1: down, 2: init, 3: armed, 4: active, 5: act "
                        "defer)",
                        "", kPort};
constexpr Family kPhysicalState{
    "node_infiniband_physical_state_id", Kind::gauge,
    "Physical state of the InfiniBand port (0: no change, 1: sleep, 2: polling, 3: disable, "
    "4: shift, 5: link up, 6: link error recover, 7: phytest)",
    "", kPort};
constexpr Family kRate{"node_infiniband_rate_bytes_per_second", Kind::gauge, "Maximum signal transfer rate", "", kPort};
constexpr auto kFamilies =
    family_list<family_total(kInfo, kState, kPhysicalState, kRate, kInfinibandCounters, kInfinibandHwCounters)>(
        kInfo, kState, kPhysicalState, kRate, kInfinibandCounters, kInfinibandHwCounters);

constexpr std::string_view kClass = "class/infiniband";
constexpr double kBytesOfGigabit = 1e9 / 8;

class InfinibandCollector final : public Collector {
 public:
  Result<void> collect(CollectContext& context, Sink& sink) override {
    if (const auto listed = context.host.sysfs->list(kClass, devices_); !listed) return listed;
    for (std::size_t i = 0; i < devices_.size(); ++i) {
      if (context.stop.stop_requested()) return fail(Errc::timed_out, kClass);
      add_device(context, sink, devices_[i]);
    }
    return {};
  }

 private:
  std::string_view take(std::string& out, CollectContext& context, std::string_view file) {
    return take_attribute(out, *context.host.sysfs, directory_, file, context, Keep::no);
  }

  void add_device(CollectContext& context, Sink& sink, std::string_view device) {
    directory_.assign(kClass).append("/").append(device);
    const std::array info = {device, take(board_, context, "board_id"), take(firmware_, context, "fw_ver"),
                             take(hca_, context, "hca_type")};
    directory_ += "/ports";
    if (!context.host.sysfs->list(directory_, ports_)) return;  // it went away
    sink.add(kInfo, sink.labels(kInfoLabels, info), 1);
    for (std::size_t i = 0; i < ports_.size(); ++i) {
      directory_.assign(kClass).append("/").append(device).append("/ports/").append(ports_[i]);
      add_port(context, sink, device, ports_[i]);
    }
  }

  void add_port(CollectContext& context, Sink& sink, std::string_view device, std::string_view port) {
    const std::array values = {device, port};
    const LabelId labels = sink.labels(kPort, values);
    add_first_number(context, sink, "state", kState, labels, 1);               // "4: ACTIVE"
    add_first_number(context, sink, "phys_state", kPhysicalState, labels, 1);  // "5: LinkUp"
    add_first_number(context, sink, "rate", kRate, labels, kBytesOfGigabit);   // "2.5 Gb/sec (1X SDR)"
    for (const Attribute& counter : kInfinibandCounters) add_counter(context, sink, counter, labels);
    // Only some drivers have these, and a device's name says nothing of its driver: udev renames devices.
    if (!context.host.sysfs->list(join_path(path_, directory_, "hw_counters"), counters_)) return;
    for (const Attribute& counter : kInfinibandHwCounters) add_counter(context, sink, counter, labels);
  }

  void add_first_number(CollectContext& context, Sink& sink, std::string_view file, const Family& family,
                        LabelId labels, double scale) {
    const auto text = read_attribute(*context.host.sysfs, directory_, file, context, Keep::no);
    if (!text) return;
    const auto value = parse_number<double>(text->substr(0, text->find_first_of(": ")), file);
    if (value) {
      sink.add(family, labels, *value * scale);
    } else {
      context.faults.partial(directory_, file, value.error(), {});
    }
  }

  void add_counter(CollectContext& context, Sink& sink, const Attribute& counter, LabelId labels) {
    const auto text = read_attribute(*context.host.sysfs, directory_, counter.file, context, Keep::no);
    if (!text || text->starts_with("N/A")) return;  // "N/A (no PMA)", drivers/infiniband/core/sysfs.c
    const auto value = parse_number<std::uint64_t>(*text, counter.file);
    if (value) {
      sink.add(counter.family, labels, static_cast<double>(*value) * counter.scale);
    } else {
      context.faults.partial(directory_, counter.file, value.error(), {});
    }
  }

  Names devices_, ports_, counters_;
  std::string directory_, path_, board_, firmware_, hca_;
};

const Registration kRegistration{{.name = "infiniband",
                                  .help = "Traffic, errors and states of InfiniBand ports.",
                                  .families = kFamilies,
                                  .make = make_collector<InfinibandCollector>}};

}  // namespace
}  // namespace vitalsd
