// What ethtool(8) reads of a network device, by SIOCETHTOOL (include/uapi/linux/ethtool.h).
//   KernelEthtool ethtool;  DriverInfo info;  if (ethtool.driver("eth0", info)) ...
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/fd.h"
#include "core/result.h"

namespace vitalsd::ethtool {

struct DriverInfo {
  std::string driver, version, firmware, option_rom, bus;
};

/// Bits are numbered as enum ethtool_link_mode_bit_indices has them.
struct LinkSettings {
  bool autonegotiates = false;
  std::vector<std::uint32_t> supported, advertised;
  static bool has(std::span<const std::uint32_t> mask, unsigned bit) noexcept {
    return bit / 32 < mask.size() && (mask[bit / 32] >> (bit % 32) & 1U) != 0;
  }
};

/// Counters that the driver names as it likes: `names` has kNameBytes for each, with a NUL behind what is shorter.
struct Statistics {
  static constexpr std::size_t kNameBytes = 32;
  std::string names;
  std::vector<std::uint64_t> values;

  std::string_view name(std::size_t i) const noexcept {
    const std::string_view all = std::string_view(names).substr(i * kNameBytes, kNameBytes);
    return all.substr(0, all.find('\0'));
  }
};

/// Errors: unavailable (the driver does not have it), vanished (no such device), denied, malformed, too_large, io.
class Ethtool {
 public:
  virtual ~Ethtool() = default;
  virtual Result<void> driver(std::string_view device, DriverInfo& out) = 0;
  virtual Result<void> link(std::string_view device, LinkSettings& out) = 0;
  virtual Result<void> statistics(std::string_view device, Statistics& out) = 0;
};

/// Of the running kernel, in the network namespace of the thread that asks first. Asks for a lock that others may hold.
std::unique_ptr<Ethtool> open_ethtool();

}  // namespace vitalsd::ethtool
