#include "collectors/formats/diskstats.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "collectors/kit/digits.h"
#include "collectors/kit/joined.h"
#include "collectors/storage/exclusive_filter.h"
#include "core/collector.h"
#include "core/named_families.h"
#include "core/scan.h"

namespace vitalsd {
namespace {

constexpr std::string_view kIgnored = R"re(^(z?ram|loop|fd|(h|s|v|xv)d[a-z]|nvme\d+n\d+p)\d+$)re";

constexpr std::array<std::string_view, 1> kDevice = {"device"};
constexpr std::array<std::string_view, 9> kInfoLabels = {"device", "major",  "minor",    "path",      "wwn",
                                                         "model",  "serial", "revision", "rotational"};
constexpr std::array<std::string_view, 5> kFilesystemLabels = {"device", "type", "usage", "uuid", "version"};
constexpr std::array<std::string_view, 6> kMapperLabels = {"device", "name", "uuid", "vg_name", "lv_name", "lv_layer"};
constexpr std::array<std::string_view, 2> kBackingLabels = {"device", "backing_device"};

constexpr double kTick = 0.001;        // the file counts milliseconds
constexpr double kSectorSize = 512.0;  // of the file's sectors, whatever the device's are

template <DiskStats::Counter Which, Literal Name, Literal Help>
constexpr Row<DiskStats> kRow{
    {joined<"node_disk_", Name>, Which == DiskStats::io_now ? Kind::gauge : Kind::counter, joined<Help>,
     joined<Name>.ends_with("bytes_total") ? "bytes" : (joined<Name>.ends_with("seconds_total") ? "seconds" : ""),
     kDevice},
    [](const DiskStats& disk) {
      if (Which >= disk.count) return kAbsent;
      const auto value = static_cast<double>(disk.counters[Which]);
      if (joined<Name>.ends_with("bytes_total")) return value * kSectorSize;
      return joined<Name>.ends_with("seconds_total") ? value * kTick : value;
    }};

using D = DiskStats;
constexpr std::array kRows = {
    kRow<D::reads, "reads_completed_total", "The total number of reads completed successfully.">,
    kRow<D::reads_merged, "reads_merged_total", "The total number of reads merged.">,
    kRow<D::read_sectors, "read_bytes_total", "The total number of bytes read successfully.">,
    kRow<D::read_ms, "read_time_seconds_total", "The total number of seconds spent by all reads.">,
    kRow<D::writes, "writes_completed_total", "The total number of writes completed successfully.">,
    kRow<D::writes_merged, "writes_merged_total", "The number of writes merged.">,
    kRow<D::written_sectors, "written_bytes_total", "The total number of bytes written successfully.">,
    kRow<D::write_ms, "write_time_seconds_total", "This is the total number of seconds spent by all writes.">,
    kRow<D::io_now, "io_now", "The number of I/Os currently in progress.">,
    kRow<D::io_ms, "io_time_seconds_total", "Total seconds spent doing I/Os.">,
    kRow<D::io_weighted_ms, "io_time_weighted_seconds_total", "The weighted # of seconds spent doing I/Os.">,
    kRow<D::discards, "discards_completed_total", "The total number of discards completed successfully.">,
    kRow<D::discards_merged, "discards_merged_total", "The total number of discards merged.">,
    kRow<D::discarded_sectors, "discarded_sectors_total", "The total number of sectors discarded successfully.">,
    kRow<D::discard_ms, "discard_time_seconds_total", "This is the total number of seconds spent by all discards.">,
    kRow<D::flushes, "flush_requests_total", "The total number of flush requests completed successfully">,
    kRow<D::flush_ms, "flush_requests_time_seconds_total",
         "This is the total number of seconds spent by all flush requests.">,
};
constexpr Family kInfo{"node_disk_info", Kind::gauge, "Info of /sys/block/<block_device>.", "", kInfoLabels};
constexpr Family kFilesystem{"node_disk_filesystem_info", Kind::gauge, "Info about disk filesystem.", "",
                             kFilesystemLabels};
constexpr Family kMapper{"node_disk_device_mapper_info", Kind::gauge, "Info about disk device mapper.", "",
                         kMapperLabels};
constexpr Family kBacking{"node_disk_device_mapper_backing_device_info", Kind::gauge,
                          "Info about the underlying block devices of a device mapper device.", "", kBackingLabels};

// What udev's database may say of a device, sorted by key.
enum Property : std::uint8_t {
  dm_lv_layer,
  dm_lv_name,
  dm_name,
  dm_uuid,
  dm_vg_name,
  id_ata,
  id_ata_rotation,
  id_ata_write_cache,
  id_ata_write_cache_enabled,
  id_fs_type,
  id_fs_usage,
  id_fs_uuid,
  id_fs_version,
  id_model,
  id_path,
  id_revision,
  id_serial,
  id_serial_short,
  id_wwn,
  scsi_ident_serial,
  kProperties,
};
constexpr std::array<std::string_view, kProperties> kKeys = {"DM_LV_LAYER",
                                                             "DM_LV_NAME",
                                                             "DM_NAME",
                                                             "DM_UUID",
                                                             "DM_VG_NAME",
                                                             "ID_ATA",
                                                             "ID_ATA_ROTATION_RATE_RPM",
                                                             "ID_ATA_WRITE_CACHE",
                                                             "ID_ATA_WRITE_CACHE_ENABLED",
                                                             "ID_FS_TYPE",
                                                             "ID_FS_USAGE",
                                                             "ID_FS_UUID",
                                                             "ID_FS_VERSION",
                                                             "ID_MODEL",
                                                             "ID_PATH",
                                                             "ID_REVISION",
                                                             "ID_SERIAL",
                                                             "ID_SERIAL_SHORT",
                                                             "ID_WWN",
                                                             "SCSI_IDENT_SERIAL"};
static_assert(std::ranges::is_sorted(kKeys));
using Udev = std::array<std::string, kProperties>;  // empty: it says nothing

struct AtaFamily {
  Property property;
  Family family;
};
constexpr std::array kAta = {
    AtaFamily{
        id_ata_rotation,
        {"node_disk_ata_rotation_rate_rpm", Kind::gauge, "ATA disk rotation rate in RPMs (0 for SSDs).", "", kDevice}},
    AtaFamily{id_ata_write_cache,
              {"node_disk_ata_write_cache", Kind::gauge, "ATA disk has a write cache.", "", kDevice}},
    AtaFamily{id_ata_write_cache_enabled,
              {"node_disk_ata_write_cache_enabled", Kind::gauge, "ATA disk has its write cache enabled.", "", kDevice}},
};
constexpr auto kFamilies = family_list<family_total(kRows, kInfo, kFilesystem, kMapper, kBacking, kAta)>(
    kRows, kInfo, kFilesystem, kMapper, kBacking, kAta);
constexpr auto kRemembered = families_named(
    kFamilies, {"node_disk_reads_completed_total", "node_disk_read_bytes_total", "node_disk_writes_completed_total",
                "node_disk_written_bytes_total", "node_disk_io_time_seconds_total"});

constexpr std::array kOptions = {
    OptionSpec{"device_include", OptionType::regex, "", "Devices to report; excludes device_exclude."},
    OptionSpec{"device_exclude", OptionType::regex, kIgnored, "Devices to leave out; excludes device_include."},
};

void parse_udev(std::string_view text, Udev& udev) {
  for (std::string& property : udev) property.clear();
  Scan scan(text, "udev");
  while (!scan.at_end()) {
    std::string_view line = scan.line();
    if (!line.starts_with("E:")) continue;
    line.remove_prefix(2);
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) continue;
    const auto key = std::ranges::lower_bound(kKeys, line.substr(0, equals));
    if (key == kKeys.end() || *key != line.substr(0, equals)) continue;
    udev[static_cast<std::size_t>(key - kKeys.begin())] = line.substr(equals + 1);
  }
}

// What udev says of a disk. It changes when a file system is made, say: it is read anew at a slow pace, and round by
// round while udev may still be at work on a new disk.
struct Known {
  std::string name;
  std::uint64_t reads = 0;  // fewer than before: another disk took the number
  std::chrono::steady_clock::time_point found, read;
  bool seen = false;  // in this round
  Udev udev;
};
constexpr std::chrono::seconds kUdevLasts{60}, kUdevWorks{10};

class DiskstatsCollector final : public Collector {
 public:
  explicit DiskstatsCollector(const Options& options)
      : devices_(exclusive_filter(options, {"device_include", "device_exclude", kIgnored})) {}

  Result<void> collect(CollectContext& context, Sink& sink) override {
    const auto text = context.host.procfs->read("diskstats", text_, Keep::yes);
    if (!text) return fail(text.error());
    if (const auto parsed = diskstats::parse(*text, disks_, context.faults); !parsed) return parsed;
    for (auto& [numbers, known] : known_) known.seen = false;
    for (const DiskStats& disk : disks_) {
      if (!devices_.keeps(disk.name)) continue;
      const std::array labels = {disk.name};
      sink.add_rows(kRows, disk, sink.labels(kDevice, labels));
      add_properties(disk, context, sink);
    }
    std::erase_if(known_, [](const auto& each) { return !each.second.seen; });
    return {};
  }

 private:
  void add_properties(const DiskStats& disk, CollectContext& context, Sink& sink) {
    const Udev& udev = udev_of(disk, context);
    // What is printed on the disk; virtio has the last one alone.
    const std::string* serial = &udev[scsi_ident_serial];
    if (serial->empty()) serial = &udev[id_serial_short];
    if (serial->empty()) serial = &udev[id_serial];
    const Digits major(disk.major), minor(disk.minor);
    sink.add(kInfo,
             {disk.name, major, minor, udev[id_path], udev[id_wwn], udev[id_model], *serial, udev[id_revision],
              rotational(disk.name, context)},
             1);
    if (!udev[id_fs_type].empty()) {
      sink.add(kFilesystem, {disk.name, udev[id_fs_type], udev[id_fs_usage], udev[id_fs_uuid], udev[id_fs_version]}, 1);
    }
    if (!udev[dm_name].empty()) {
      sink.add(kMapper,
               {disk.name, udev[dm_name], udev[dm_uuid], udev[dm_vg_name], udev[dm_lv_name], udev[dm_lv_layer]}, 1);
      if (context.host.sysfs->list(sysfs_path(disk.name, "/slaves"), names_)) {
        for (std::size_t i = 0; i < names_.size(); ++i) sink.add(kBacking, {disk.name, names_[i]}, 1);
      }
    }
    if (udev[id_ata].empty()) return;
    for (const AtaFamily& ata : kAta) {
      if (udev[ata.property].empty()) continue;
      if (const auto value = parse_number<double>(udev[ata.property], "udev")) {
        sink.add(ata.family, {disk.name}, *value);
      } else {
        context.faults.partial(disk.name, kKeys[ata.property], value.error(), {});
      }
    }
  }

  const Udev& udev_of(const DiskStats& disk, CollectContext& context) {
    Known& known = known_[{disk.major, disk.minor}];
    const auto now = context.host.clock->steady();
    const bool is_new = known.name != disk.name || disk.counters[DiskStats::reads] < known.reads;
    if (is_new) {
      known.name = disk.name;
      known.found = now;
    }
    known.seen = true;
    known.reads = disk.counters[DiskStats::reads];
    if (!is_new && now - known.read < kUdevLasts && known.read - known.found >= kUdevWorks) return known.udev;
    known.read = now;
    read_udev(disk, context, known.udev);
    return known.udev;
  }

  void read_udev(const DiskStats& disk, CollectContext& context, Udev& udev) {
    path_ = "b";
    path_.append(Digits(disk.major)).append(":").append(Digits(disk.minor));
    std::string_view text;
    if (context.host.udev != nullptr) text = context.host.udev->read(path_, udev_).value_or(std::string_view());
    parse_udev(text, udev);
  }

  std::string_view rotational(std::string_view device, CollectContext& context) {
    const auto text = context.host.sysfs->attribute(sysfs_path(device, "/queue/rotational"), context.buffer, Keep::yes);
    return text && *text == "1" ? "1" : "0";
  }

  // sysfs writes the slash of names such as cciss/c0d0 as an exclamation mark.
  std::string_view sysfs_path(std::string_view device, std::string_view file) {
    path_ = "block/";
    path_ += device;
    std::replace(path_.begin() + 6, path_.end(), '/', '!');
    return path_ += file;
  }

  Filter devices_;
  std::string text_, udev_, path_;
  std::vector<DiskStats> disks_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, Known> known_;  // by major and minor number
  Names names_;
};

const Registration kRegistration{{.name = "diskstats",
                                  .help = "Traffic, times and properties of block devices.",
                                  .options = kOptions,
                                  .families = kFamilies,
                                  .remembered = kRemembered,
                                  .make = make_configured<DiskstatsCollector>}};

}  // namespace
}  // namespace vitalsd
