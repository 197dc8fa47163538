#include "exporters/http/peers.h"

#include <netinet/in.h>

#include <algorithm>
#include <cstring>

namespace vitalsd::http {

Peers::Key Peers::key_of(const sockaddr_storage& name) {
  constexpr std::size_t kNetwork = 8;  // bytes of a /64 prefix
  Key key{};
  key[0] = static_cast<std::uint8_t>(name.ss_family);
  if (name.ss_family == AF_INET) {
    std::memcpy(&key[1], &reinterpret_cast<const sockaddr_in&>(name).sin_addr, sizeof(in_addr));
  } else if (name.ss_family == AF_INET6) {
    const auto& address = reinterpret_cast<const sockaddr_in6&>(name).sin6_addr;
    // A mapped IPv4 address (on a dual-stack socket) counts by itself: all of IPv4 is mapped into one /64.
    const bool is_mapped = IN6_IS_ADDR_V4MAPPED(&address);
    key[0] = static_cast<std::uint8_t>(is_mapped ? AF_INET : AF_INET6);
    std::memcpy(&key[1], address.s6_addr + (is_mapped ? 12 : 0), is_mapped ? sizeof(in_addr) : kNetwork);
  }
  return key;
}

std::shared_ptr<Peer> Peers::of(const sockaddr_storage& name) {
  if (peers_.size() > 2 * kMost) tidy();
  auto& peer = peers_[key_of(name)];
  if (!peer) peer = std::make_shared<Peer>();
  peer->seen = ++clock_;
  return peer;
}

void Peers::tidy() {
  std::erase_if(peers_, [](const auto& one) { return one.second->open == 0 && !one.second->served; });
  while (peers_.size() > kMost) {
    auto oldest = peers_.end();
    for (auto one = peers_.begin(); one != peers_.end(); ++one) {
      if (one->second->open > 0) continue;
      if (oldest == peers_.end() || one->second->seen < oldest->second->seen) oldest = one;
    }
    if (oldest == peers_.end()) return;
    peers_.erase(oldest);
  }
}

}  // namespace vitalsd::http
