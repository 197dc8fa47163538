// Wireless devices as the kernel's nl80211 gives them (include/uapi/linux/nl80211.h).
#pragma once

#include <optional>

#include "collectors/network/wifi/wifi.h"
#include "core/netlink.h"

namespace vitalsd::wifi {

namespace nl80211 {
/// Each reads one message; nothing where it makes no sense, or is of something else: an interface without a name (a
/// peer-to-peer device), a network that the interface does not take part in.
std::optional<Interface> interface_of(const NetlinkMessage& message);
std::optional<Bss> bss_of(const NetlinkMessage& message);
std::optional<Station> station_of(const NetlinkMessage& message);
std::optional<Survey> survey_of(const NetlinkMessage& message);
}  // namespace nl80211

class KernelSource final : public Source {
 public:
  explicit KernelSource(NetlinkSource& netlink) : netlink_(netlink) {}
  Result<void> interfaces(std::vector<Interface>& out) override;
  Result<Bss> bss(const Interface& interface) override;
  Result<void> stations(const Interface& interface, std::vector<Station>& out) override;
  Result<void> surveys(const Interface& interface, std::vector<Survey>& out) override;

 private:
  NetlinkRequest request(std::uint8_t command, const Interface& interface) const;

  NetlinkSource& netlink_;
  std::uint16_t family_ = 0;
};

}  // namespace vitalsd::wifi
