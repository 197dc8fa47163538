// Collector `btrfs`: space, commits and devices of btrfs file systems (/sys/fs/btrfs/UUID, fs/btrfs/sysfs.c); live, the
// devices' free space and errors, too (btrfs_devices.h).
#include <fcntl.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "collectors/kit/attributes.h"
#include "collectors/kit/joined.h"
#include "collectors/kit/patient_thread.h"
#include "collectors/storage/btrfs_devices.h"
#include "collectors/storage/host_mounts.h"
#include "core/fd.h"
#include "core/lines.h"

namespace vitalsd {
namespace {

constexpr std::string_view kRoot = "fs/btrfs";
constexpr std::size_t kMostVolumes = 1024;
constexpr std::array<std::string_view, 1> kUuid = {"uuid"};
constexpr std::array<std::string_view, 2> kInfoLabels = {"uuid", "label"};
constexpr std::array<std::string_view, 2> kGroupLabels = {"uuid", "block_group_type"};
constexpr std::array<std::string_view, 3> kLayoutLabels = {"uuid", "block_group_type", "mode"};
constexpr std::array<std::string_view, 2> kDeviceLabels = {"uuid", "device"};
constexpr std::array<std::string_view, 3> kAskedLabels = {"uuid", "device", "btrfs_dev_uuid"};
constexpr std::array<std::string_view, 4> kErrorLabels = {"uuid", "type", "device", "btrfs_dev_uuid"};
constexpr std::array<std::string_view, 3> kGroups = {"data", "metadata", "system"};
constexpr double kSector = 512;

template <Literal Name, Literal Help, const auto& Labels, Kind OfKind = Kind::gauge>
constexpr Family kFamily{joined<"node_btrfs_", Name>, OfKind, joined<Help>,
                         joined<Name>.ends_with("bytes") ? "bytes" : "", Labels};

constexpr Family kInfo = kFamily<"info", "Filesystem information", kInfoLabels>;
constexpr Family kReserve = kFamily<"global_rsv_size_bytes", "Size of global reserve.", kUuid>;
constexpr Family kReserved = kFamily<"reserved_bytes", "Amount of space reserved for a data type", kGroupLabels>;
constexpr Family kUsed = kFamily<"used_bytes", "Amount of used space by a layout/data type", kLayoutLabels>;
constexpr Family kSize = kFamily<"size_bytes", "Amount of space allocated for a layout/data type", kLayoutLabels>;
constexpr Family kRatio = kFamily<"allocation_ratio", "Data allocation ratio for a layout/data type", kLayoutLabels>;
constexpr Family kDeviceSize =
    kFamily<"device_size_bytes", "Size of a device that is part of the filesystem.", kDeviceLabels>;
constexpr Family kDeviceUnused =
    kFamily<"device_unused_bytes", "Unused bytes unused on a device that is part of the filesystem.", kAskedLabels>;
constexpr Family kDeviceErrors =
    kFamily<"device_errors_total", "Errors reported for the device", kErrorLabels, Kind::counter>;

struct CommitRow {
  std::string_view key;
  Family family;
  double scale;
};
constexpr std::array kCommits = {
    CommitRow{"commits",
              kFamily<"commits_total", "The total number of commits that have occurred.", kUuid, Kind::counter>, 1},
    CommitRow{"last_commit_ms",
              kFamily<"last_commit_seconds", "Duration of the most recent commit, in seconds.", kUuid>, 1000},
    CommitRow{"max_commit_ms", kFamily<"max_commit_seconds", "Duration of the slowest commit, in seconds.", kUuid>,
              1000},
    CommitRow{"total_commit_ms",
              kFamily<"commit_seconds_total", "Sum of the duration of all commits, in seconds.", kUuid, Kind::counter>,
              1000},
};
constexpr auto kFamilies = family_list<family_total(kInfo, kReserve, kCommits, kReserved, kUsed, kSize, kRatio,
                                                    kDeviceSize, kDeviceUnused, kDeviceErrors)>(
    kInfo, kReserve, kCommits, kReserved, kUsed, kSize, kRatio, kDeviceSize, kDeviceUnused, kDeviceErrors);

// How many bytes on the devices one byte of data takes; kAbsent for layouts of newer kernels.
double ratio_of(std::string_view layout, std::size_t devices) {
  const auto parity = [devices](double disks) {
    const auto all = static_cast<double>(devices);
    return all > disks ? all / (all - disks) : kAbsent;
  };
  if (layout == "single" || layout == "raid0") return 1;
  if (layout == "dup" || layout == "raid1" || layout == "raid10") return 2;
  if (layout == "raid1c3") return 3;
  if (layout == "raid1c4") return 4;
  if (layout == "raid5") return parity(1);
  if (layout == "raid6") return parity(2);
  return kAbsent;
}

// What the thread that asks shares with the collector.
struct Asked {
  std::vector<std::string> paths;  // of mount points
  std::size_t used = 0;            // of paths
  std::size_t wanted = 0;          // how many file systems there are
  BtrfsDevices devices{system_ioctl};

  void ask() {
    devices.clear();
    for (std::size_t i = 0; i < used && devices.volumes() < wanted; ++i) {
      const Fd directory(::open(paths[i].c_str(), O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC));
      if (directory) (void)devices.ask(directory.get());  // sysfs has the sizes of those that do not answer
    }
  }
};

class BtrfsCollector final : public Collector {
 public:
  Result<void> collect(CollectContext& context, Sink& sink) override {
    const FileSource& sysfs = *context.host.sysfs;
    if (const auto listed = sysfs.directories(kRoot, volumes_); !listed) return listed;
    count_ = 0;  // beside the file systems there is "features"
    for (std::size_t i = 0; i < volumes_.size(); ++i) count_ += volumes_[i].contains('-') ? 1 : 0;
    if (count_ == 0) return {};
    const bool asked = ask_devices(context);
    for (std::size_t i = 0; i < volumes_.size() && i < kMostVolumes; ++i) {
      if (context.stop.stop_requested()) return fail(Errc::timed_out, kRoot);
      if (volumes_[i].contains('-')) add_volume(volumes_[i], asked, context, sink);
    }
    return {};
  }

 private:
  // Whether `asked_` may be read: the thread is through with it.
  bool ask_devices(CollectContext& context) {
    if (thread_.busy()) {
      context.faults.partial(kRoot, "devices", {Errc::timed_out, 0, kRoot}, {});
      return false;
    }
    asked_->used = 0;
    asked_->wanted = count_;
    if (!mounts_.read(context)) return false;
    std::string_view last;
    for (const Mount& mount : mounts_.all()) {
      // Subvolumes of one file system are mounted one after the other, from the same device.
      if (mount.type != "btrfs" || mount.covered || asked_->used == kMostVolumes || mount.source == last) continue;
      last = mount.source;
      if (asked_->used == asked_->paths.size()) asked_->paths.emplace_back();
      std::string& path = asked_->paths[asked_->used++];
      std::string_view root = context.host.root_path;
      while (root.ends_with('/')) root.remove_suffix(1);
      const std::string_view point = below_root(root, mount.point);
      path.assign(root).append(mounts_.of_self() && !point.empty() ? point : mount.point);
    }
    if (asked_->used == 0) return false;
    const auto now = std::chrono::steady_clock::now();
    const auto outcome =
        thread_.run(asked_, [](void* asked) { static_cast<Asked*>(asked)->ask(); }, now + (context.deadline - now) / 2);
    if (outcome == PatientThread::Outcome::done) return true;
    const bool late = outcome == PatientThread::Outcome::late;
    context.faults.partial(kRoot, "devices", {late ? Errc::timed_out : Errc::io, 0, kRoot}, {});
    return false;
  }

  void add_volume(std::string_view volume, bool asked, CollectContext& context, Sink& sink) {
    const FileSource& sysfs = *context.host.sysfs;
    path_.assign(kRoot).append("/").append(volume);
    // The identity that tools show, where it was changed.
    take_attribute(uuid_, sysfs, path_, "metadata_uuid", context);
    if (uuid_.empty()) uuid_ = volume;
    take_attribute(text_, sysfs, path_, "label", context);
    sink.add(kInfo, {uuid_, text_}, 1);
    const LabelId labels = sink.labels(kUuid, std::array<std::string_view, 1>{uuid_});
    if (const auto size = read_number(sysfs, path_, "allocation/global_rsv_size", context))
      sink.add(kReserve, labels, *size);
    add_commits(labels, context, sink);
    const std::size_t length = path_.size();
    path_.append("/devices");
    const bool listed = sysfs.list(path_, devices_).has_value();
    path_.resize(length);
    for (const std::string_view group : kGroups) add_group(group, listed ? devices_.size() : 0, context, sink);
    const auto known = asked ? asked_->devices.find(volume) : std::span<const BtrfsDevice>();
    for (const BtrfsDevice& device : known) add_asked(device, sink);
    for (std::size_t i = 0; known.empty() && listed && i < devices_.size(); ++i) {
      path_.append("/devices/").append(devices_[i]);
      if (const auto sectors = read_number(sysfs, path_, "size", context))
        sink.add(kDeviceSize, {uuid_, devices_[i]}, *sectors * kSector);
      path_.resize(length);
    }
  }

  // Kernels before 6.0 count no commits; node_exporter says 0 there, and so its rules expect.
  void add_commits(LabelId labels, CollectContext& context, Sink& sink) {
    const auto text = read_attribute(*context.host.sysfs, path_, "commit_stats", context);
    if (!text) {
      if (text.error().code != Errc::unavailable) return;
      for (const CommitRow& row : kCommits) sink.add(row.family, labels, 0);
      return;
    }
    Lines lines(*text, "commit_stats", context.faults);
    while (lines.next()) {
      const std::string_view key = lines->word();
      const auto value = static_cast<double>(lines->integer());
      const auto row = std::ranges::find(kCommits, key, &CommitRow::key);
      if (lines.keep(key) && row != kCommits.end()) sink.add(row->family, labels, value / row->scale);
    }
  }

  void add_group(std::string_view group, std::size_t devices, CollectContext& context, Sink& sink) {
    const FileSource& sysfs = *context.host.sysfs;
    const std::size_t length = path_.size();
    path_.append("/allocation/").append(group);
    if (const auto reserved = read_number(sysfs, path_, "bytes_reserved", context))
      sink.add(kReserved, {uuid_, group}, *reserved);
    const std::size_t of_group = path_.size();
    const bool listed = sysfs.directories(path_, layouts_).has_value();
    for (std::size_t i = 0; listed && i < layouts_.size(); ++i) {
      path_.append("/").append(layouts_[i]);
      const std::array<std::string_view, 3> values = {uuid_, group, layouts_[i]};
      const LabelId labels = sink.labels(kLayoutLabels, values);
      if (const auto used = read_number(sysfs, path_, "used_bytes", context)) sink.add(kUsed, labels, *used);
      if (const auto size = read_number(sysfs, path_, "total_bytes", context)) sink.add(kSize, labels, *size);
      if (const double ratio = ratio_of(layouts_[i], devices); !std::isnan(ratio)) sink.add(kRatio, labels, ratio);
      path_.resize(of_group);
    }
    path_.resize(length);
  }

  void add_asked(const BtrfsDevice& device, Sink& sink) {
    const std::array<std::string_view, 3> values = {uuid_, device.name, device.uuid};
    const LabelId labels = sink.labels(kAskedLabels, values);
    sink.add(kDeviceSize, labels, static_cast<double>(device.size));
    if (device.used <= device.size) sink.add(kDeviceUnused, labels, static_cast<double>(device.size - device.used));
    for (std::size_t i = 0; i < kBtrfsErrors.size(); ++i)
      sink.add(kDeviceErrors, {uuid_, kBtrfsErrors[i], device.name, device.uuid},
               static_cast<double>(device.errors[i]));
  }

  Names volumes_, devices_, layouts_;
  std::size_t count_ = 0;
  std::string path_, uuid_, text_;
  HostMounts mounts_;
  std::shared_ptr<Asked> asked_ = std::make_shared<Asked>();
  PatientThread thread_;
};

const Registration kRegistration{{.name = "btrfs",
                                  .help = "Space, commits, devices and errors of btrfs file systems.",
                                  .families = kFamilies,
                                  .make = make_collector<BtrfsCollector>}};

}  // namespace
}  // namespace vitalsd
