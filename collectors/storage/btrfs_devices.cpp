#include "collectors/storage/btrfs_devices.h"

#include <linux/btrfs.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace vitalsd {
namespace {

// As sysfs and blkid write it: "0abb23a9-579b-43e6-ad30-227ef47fcb9d".
void write_uuid(std::span<const __u8> bytes, std::string& out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  out.clear();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    out += kDigits[bytes[i] >> 4U];
    out += kDigits[bytes[i] & 0xFU];
  }
}

}  // namespace

int system_ioctl(int fd, unsigned long request, void* argument) noexcept {
  return ::ioctl(fd, request, argument) < 0 ? errno : 0;
}

BtrfsDevices::BtrfsDevices(Ioctl ioctl) : ioctl_(ioctl) {}

Result<void> BtrfsDevices::ask(int directory) {
  btrfs_ioctl_fs_info_args info{};
  if (const int error = ioctl_(directory, BTRFS_IOC_FS_INFO, &info); error != 0)
    return fail(error == ENOTTY ? Errc::unavailable : classify_errno(error), "btrfs", error);
  if (used_ == volumes_.size()) volumes_.emplace_back();
  Volume& volume = volumes_[used_];
  write_uuid(info.fsid, volume.uuid);
  volume.used = 0;
  if (!find(volume.uuid).empty()) return {};  // by another mount point
  // Identities are neither contiguous nor begin at a certain number.
  const std::uint64_t last = std::min<std::uint64_t>(info.max_id, kMostDevices);
  for (std::uint64_t id = 0; id <= last && volume.used < info.num_devices; ++id) {
    if (const auto asked = ask_device(directory, id, volume); !asked) return asked;
  }
  ++used_;
  return {};
}

Result<void> BtrfsDevices::ask_device(int directory, std::uint64_t id, Volume& volume) {
  btrfs_ioctl_dev_info_args info{};
  info.devid = id;
  if (const int error = ioctl_(directory, BTRFS_IOC_DEV_INFO, &info); error != 0) {
    if (error == ENODEV) return {};
    return fail(classify_errno(error), "btrfs", error);
  }
  btrfs_ioctl_get_dev_stats stats{};
  stats.devid = id;
  stats.nr_items = BTRFS_DEV_STAT_VALUES_MAX;
  if (const int error = ioctl_(directory, BTRFS_IOC_GET_DEV_STATS, &stats); error != 0)
    return fail(classify_errno(error), "btrfs", error);
  if (volume.used == volume.devices.size()) volume.devices.emplace_back();
  BtrfsDevice& device = volume.devices[volume.used++];
  const auto* const path = reinterpret_cast<const char*>(info.path);
  std::string_view name(path, ::strnlen(path, sizeof info.path));
  name.remove_prefix(name.rfind('/') + 1);  // npos + 1 is 0
  device.name = name;
  write_uuid(info.uuid, device.uuid);
  device.size = info.total_bytes;
  device.used = info.bytes_used;
  std::copy_n(stats.values, device.errors.size(), device.errors.begin());
  return {};
}

std::span<const BtrfsDevice> BtrfsDevices::find(std::string_view uuid) const noexcept {
  for (std::size_t i = 0; i < used_; ++i) {
    if (volumes_[i].uuid == uuid) return std::span(volumes_[i].devices).first(volumes_[i].used);
  }
  return {};
}

}  // namespace vitalsd
