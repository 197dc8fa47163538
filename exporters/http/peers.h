// The addresses that connections come from: how many each has open, and which of them were served before.
//   auto peer = peers.of(name); peer->open < 100; peer->served = true: places are held for its next connections
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>

namespace vitalsd::http {

/// One address. An IPv6 host owns its whole /64, so that is what counts; all clients of Unix sockets are one.
struct Peer {
  std::size_t open = 0;  ///< connections
  bool served = false;   ///< a route has answered it
  bool let_in = false;   ///< a judge has let it in
  std::uint64_t seen = 0;
};

/// Bounded: addresses with open connections, and the kMost others that were served last.
class Peers {
 public:
  static constexpr std::size_t kMost = 256;

  std::shared_ptr<Peer> of(const sockaddr_storage& name);
  /// Forgets who was never served and has nothing open, and of the others those who came longest ago.
  void tidy();
  std::size_t size() const noexcept { return peers_.size(); }

 private:
  using Key = std::array<std::uint8_t, 17>;  // the family and up to 16 bytes
  static Key key_of(const sockaddr_storage& name);
  std::map<Key, std::shared_ptr<Peer>> peers_;
  std::uint64_t clock_ = 0;
};

}  // namespace vitalsd::http
