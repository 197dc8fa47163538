// What /sys/devices/system/cpu tells beside times: which CPUs are there, online and isolated, and who was throttled.
// Documentation/ABI/testing/sysfs-devices-system-cpu, Documentation/admin-guide/cputopology.rst.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/files.h"

namespace vitalsd {

/// Finds out the layout once and again when CPUs come or go; a warm refresh reads one file.
class CpuSysfs {
 public:
  /// A CPU's directory.
  struct Cpu {
    std::string number;
    bool online;
  };
  /// A counter of thermal events, to be read each round. Cores and packages share theirs among CPUs.
  struct Throttle {
    std::string path;
    std::string package;
    std::string core;  ///< empty: the package's own
  };

  /// Never fails: what sysfs lacks is empty afterwards.
  void refresh(const FileSource& sysfs, std::string& buffer);

  /// Whether the kernel lets CPUs be switched at all, first one included: only then `online` is worth a series.
  bool has_online() const noexcept { return has_online_; }
  const std::vector<Cpu>& cpus() const noexcept { return cpus_; }
  const std::vector<std::uint32_t>& isolated() const noexcept { return isolated_; }
  const std::vector<Throttle>& throttles() const noexcept { return throttles_; }

 private:
  /// False when it has to be done again.
  bool discover(const FileSource& sysfs, std::string& buffer);
  void add_throttles(const FileSource& sysfs, std::string& buffer, std::string_view directory);
  bool known(std::string_view package, std::string_view core) const;

  bool discovered_ = false;
  std::string online_;  // the list of which the rest was found
  bool has_online_ = false;
  std::vector<Cpu> cpus_;
  std::vector<std::uint32_t> isolated_;
  std::vector<Throttle> throttles_;
};

}  // namespace vitalsd
