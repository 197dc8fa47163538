// Keeps the addresses that connections come from: how many each has open, and which were served before.
//   auto peer = peers.of(name); peer->open < 100; peer->served = true: places are reserved for its next connections
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>

namespace vitalsd::http {

/// One address. A whole IPv6 /64 counts as one, because one host may use all of it; so do all clients of Unix sockets.
struct Peer {
  std::size_t open = 0;  ///< connections
  bool served = false;   ///< a route has answered one of its requests
  bool let_in = false;   ///< a guard has granted one of its requests
  std::uint64_t seen = 0;
};

/// Bounded: keeps addresses with open connections, and the last kMost others that were served.
class Peers {
 public:
  static constexpr std::size_t kMost = 256;

  std::shared_ptr<Peer> of(const sockaddr_storage& name);
  /// Drops addresses without open connections: those that were never served, and beyond kMost those seen longest ago.
  void tidy();
  std::size_t size() const noexcept { return peers_.size(); }

 private:
  using Key = std::array<std::uint8_t, 17>;  // the family and up to 16 bytes
  static Key key_of(const sockaddr_storage& name);
  std::map<Key, std::shared_ptr<Peer>> peers_;
  std::uint64_t clock_ = 0;
};

}  // namespace vitalsd::http
