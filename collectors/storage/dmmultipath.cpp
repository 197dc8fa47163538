// Collector `dmmultipath`: multipath devices of the device mapper and the states of their paths (/sys/block/dm-N/dm,
// Documentation/ABI/testing/sysfs-block-dm).
#include <array>
#include <string>

#include "collectors/kit/attributes.h"
#include "core/collector.h"

namespace vitalsd {
namespace {

constexpr std::string_view kRoot = "block";
constexpr double kSector = 512;
constexpr std::array<std::string_view, 3> kInfoLabels = {"device", "sysfs_name", "uuid"};
constexpr std::array<std::string_view, 2> kDevice = {"device", "sysfs_name"};
constexpr std::array<std::string_view, 3> kPathLabels = {"device", "path", "state"};

constexpr Family kInfo{"node_dmmultipath_device_info", Kind::gauge,
                       "Non-numeric information about a DM-multipath device.", "", kInfoLabels};
constexpr Family kActive{"node_dmmultipath_device_active", Kind::gauge,
                         "Whether the multipath device-mapper device is active (1) or suspended (0).", "", kDevice};
constexpr Family kSize{"node_dmmultipath_device_size_bytes", Kind::gauge,
                       "Size of the multipath device in bytes, read from /sys/block/<dm>/size.", "bytes", kDevice};
constexpr Family kPaths{"node_dmmultipath_device_paths", Kind::gauge, "Number of paths for a multipath device.", "",
                        kDevice};
constexpr Family kPathsActive{"node_dmmultipath_device_paths_active", Kind::gauge,
                              "Number of paths in active state (SCSI running or NVMe live) for a multipath device.", "",
                              kDevice};
constexpr Family kPathsFailed{"node_dmmultipath_device_paths_failed", Kind::gauge,
                              "Number of paths not in active state for a multipath device.", "", kDevice};
constexpr Family kPathState{
    "node_dmmultipath_path_state", Kind::gauge,
    "Reports the underlying device state for a multipath path, as read from /sys/block/<dev>/device/state.", "",
    kPathLabels};
constexpr auto kFamilies =
    family_list<family_total(kInfo, kActive, kSize, kPaths, kPathsActive, kPathsFailed, kPathState)>(
        kInfo, kActive, kSize, kPaths, kPathsActive, kPathsFailed, kPathState);

class DmMultipathCollector final : public Collector {
 public:
  Result<void> collect(CollectContext& context, Sink& sink) override {
    const FileSource& sysfs = *context.host.sysfs;
    if (const auto listed = sysfs.list(kRoot, names_); !listed) return listed;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (!names_[i].starts_with("dm-")) continue;
      path_.assign(kRoot).append("/").append(names_[i]);
      take_attribute(uuid_, sysfs, path_, "dm/uuid", context);
      if (uuid_.starts_with("mpath-")) add_device(names_[i], context, sink);
    }
    return {};
  }

 private:
  void add_device(std::string_view device, CollectContext& context, Sink& sink) {
    const FileSource& sysfs = *context.host.sysfs;
    const auto name = read_attribute(sysfs, path_, "dm/name", context);
    if (!name) return;  // it went away: all others are under its name
    name_ = *name;
    sink.add(kInfo, {name_, device, uuid_}, 1);
    const std::array<std::string_view, 2> values = {name_, device};
    const LabelId labels = sink.labels(kDevice, values);
    if (const auto suspended = read_number(sysfs, path_, "dm/suspended", context))
      sink.add(kActive, labels, *suspended == 1 ? 0 : 1);
    if (const auto sectors = read_number(sysfs, path_, "size", context)) sink.add(kSize, labels, *sectors * kSector);
    path_.append("/slaves");
    const auto listed = sysfs.list(path_, paths_);
    if (!listed && !is_gone(listed.error())) return context.faults.partial(device, "slaves", listed.error(), {});
    double active = 0, failed = 0;
    for (std::size_t i = 0; listed && i < paths_.size(); ++i) {
      const double state = add_path(paths_[i], context, sink);
      active += state;
      failed += 1 - state;
    }
    sink.add(kPaths, labels, listed ? static_cast<double>(paths_.size()) : 0);
    if (std::isnan(active)) return;  // one of them did not say
    sink.add(kPathsActive, labels, active);
    sink.add(kPathsFailed, labels, failed);
  }

  // 1 for one that can be used, 0 for one that cannot; kAbsent where it cannot be known.
  double add_path(std::string_view path, CollectContext& context, Sink& sink) {
    path_.assign(kRoot).append("/").append(path);
    const auto state = read_attribute(*context.host.sysfs, path_, "device/state", context);
    if (!state) return kAbsent;
    sink.add(kPathState, {name_, path, *state}, 1);
    return *state == "running" || *state == "live" ? 1 : 0;  // of SCSI, of NVMe
  }

  Names names_, paths_;
  std::string path_, uuid_, name_;
};

const Registration kRegistration{{.name = "dmmultipath",
                                  .enabled = false,
                                  .help = "Multipath devices and the states of their paths.",
                                  .families = kFamilies,
                                  .make = make_collector<DmMultipathCollector>}};

}  // namespace
}  // namespace vitalsd
