#include "collectors/kit/interface_addresses.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>

#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <memory>
#include <span>

#include "collectors/kit/digits.h"

namespace vitalsd {
namespace {

std::span<const std::uint8_t> bytes_of(const sockaddr& address) noexcept {
  if (address.sa_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    return {reinterpret_cast<const std::uint8_t*>(&v4.sin_addr), sizeof(v4.sin_addr)};
  }
  if (address.sa_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    return {v6.sin6_addr.s6_addr, sizeof(v6.sin6_addr.s6_addr)};
  }
  return {};
}

std::string_view scope_of_v4(std::uint32_t ip) noexcept {
  const bool loopback = ip >> 24U == 127, link = ip >> 16U == 0xA9FE, link_multicast = ip >> 8U == 0xE00000;
  if (loopback || link || link_multicast) return "link-local";
  const bool multicast = ip >> 28U == 0xE;
  return ip == 0 || ip == 0xFFFFFFFF || multicast ? "" : "global";
}

std::string_view scope_of_v6(const in6_addr& ip) noexcept {
  if (IN6_IS_ADDR_LOOPBACK(&ip) || IN6_IS_ADDR_LINKLOCAL(&ip) || IN6_IS_ADDR_MC_LINKLOCAL(&ip)) return "link-local";
  if (IN6_IS_ADDR_MC_NODELOCAL(&ip)) return "interface-local";
  return IN6_IS_ADDR_UNSPECIFIED(&ip) || IN6_IS_ADDR_MULTICAST(&ip) ? "" : "global";
}

}  // namespace

std::string_view scope_of(const sockaddr& address) noexcept {
  if (address.sa_family == AF_INET) {
    return scope_of_v4(ntohl(reinterpret_cast<const sockaddr_in&>(address).sin_addr.s_addr));
  }
  if (address.sa_family == AF_INET6) return scope_of_v6(reinterpret_cast<const sockaddr_in6&>(address).sin6_addr);
  return "";
}

Result<void> each_interface_address(const std::function<void(const InterfaceAddress&)>& take) {
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) return fail(classify_errno(errno), "getifaddrs", errno);
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner(first, ::freeifaddrs);
  for (const ifaddrs* entry = first; entry != nullptr; entry = entry->ifa_next) {
    if (entry->ifa_addr == nullptr || entry->ifa_netmask == nullptr) continue;
    const auto bytes = bytes_of(*entry->ifa_addr);
    if (bytes.empty()) continue;
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (::inet_ntop(entry->ifa_addr->sa_family, bytes.data(), text.data(), text.size()) == nullptr) continue;
    // A netmask may lack its address family.
    sockaddr_storage mask{};
    std::memcpy(&mask, entry->ifa_netmask, bytes.size() == 4 ? sizeof(sockaddr_in) : sizeof(sockaddr_in6));
    mask.ss_family = entry->ifa_addr->sa_family;
    int length = 0;
    for (const std::uint8_t byte : bytes_of(reinterpret_cast<const sockaddr&>(mask))) length += std::popcount(byte);
    const Digits digits(length);
    take({entry->ifa_name, text.data(), digits, scope_of(*entry->ifa_addr)});
  }
  return {};
}

}  // namespace vitalsd
