// What /sys/devices/system/cpu shows besides times: which CPUs are present, online and isolated, and which were
// throttled. Documentation/ABI/testing/sysfs-devices-system-cpu, Documentation/admin-guide/cputopology.rst.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/files.h"

namespace vitalsd {

/// Discovers the layout once, and again when CPUs come or go. A warm refresh reads one file.
class CpuSysfs {
 public:
  /// A CPU's directory.
  struct Cpu {
    std::string number;
    bool online;
  };
  /// A counter of thermal events, read in each round. CPUs of one core or package share it.
  struct Throttle {
    std::string path;
    std::string package;
    std::string core;  ///< empty: the package's own
  };

  /// Never fails. Whatever sysfs lacks is empty afterwards.
  void refresh(const FileSource& sysfs, std::string& buffer);

  /// Whether the kernel can switch CPUs off, including the first; only then is `online` worth a series.
  bool has_online() const noexcept { return has_online_; }
  const std::vector<Cpu>& cpus() const noexcept { return cpus_; }
  const std::vector<std::uint32_t>& isolated() const noexcept { return isolated_; }
  const std::vector<Throttle>& throttles() const noexcept { return throttles_; }

 private:
  /// Returns false if the discovery must be repeated.
  bool discover(const FileSource& sysfs, std::string& buffer);
  void add_throttles(const FileSource& sysfs, std::string& buffer, std::string_view directory);
  bool known(std::string_view package, std::string_view core) const;

  bool discovered_ = false;
  std::string online_;  // the list of online CPUs at the last discovery
  bool has_online_ = false;
  std::vector<Cpu> cpus_;
  std::vector<std::uint32_t> isolated_;
  std::vector<Throttle> throttles_;
};

}  // namespace vitalsd
