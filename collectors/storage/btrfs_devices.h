// The devices of mounted btrfs file systems with their error counters, which the kernel gives by ioctl alone
// (include/uapi/linux/btrfs.h: FS_INFO, DEV_INFO, GET_DEV_STATS; none of them needs a privilege).
//   devices.clear(); devices.ask(mount_point_fd); const BtrfsVolume* volume = devices.find(uuid);
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace vitalsd {

inline constexpr std::array<std::string_view, 5> kBtrfsErrors = {"write", "read", "flush", "corruption", "generation"};

struct BtrfsDevice {
  std::string name;  ///< the last part of its path, "sda"; empty where the device is missing
  std::string uuid;
  std::uint64_t size = 0, used = 0;
  std::array<std::uint64_t, kBtrfsErrors.size()> errors{};
};

class BtrfsDevices {
 public:
  /// As ioctl(2), but gives 0 or an errno.
  using Ioctl = int (*)(int fd, unsigned long request, void* argument);
  static constexpr std::size_t kMostDevices = 4096;  ///< of one file system

  explicit BtrfsDevices(Ioctl ioctl);

  /// Forgets all, and keeps the memory.
  void clear() noexcept { used_ = 0; }
  /// Asks the file system that an open directory is on. Errors: unavailable where it is no btrfs, or what the system
  /// says: then nothing of it is published. May block for as long as the kernel holds the list of devices.
  Result<void> ask(int directory);
  /// The devices of the file system with this identity, as sysfs writes it; empty: it was not asked.
  std::span<const BtrfsDevice> find(std::string_view uuid) const noexcept;
  std::size_t volumes() const noexcept { return used_; }

 private:
  struct Volume {
    std::string uuid;
    std::vector<BtrfsDevice> devices;
    std::size_t used = 0;  // of devices
  };
  Result<void> ask_device(int directory, std::uint64_t id, Volume& volume);

  Ioctl ioctl_;
  std::vector<Volume> volumes_;
  std::size_t used_ = 0;  // of volumes_
};

/// The real one.
int system_ioctl(int fd, unsigned long request, void* argument) noexcept;

}  // namespace vitalsd
