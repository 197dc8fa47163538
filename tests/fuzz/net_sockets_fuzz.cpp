// /proc/net/tcp and udp: no line counts for more than one socket.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <numeric>
#include <string_view>

#include "collectors/formats/net/net_sockets.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vitalsd;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto lines = static_cast<std::uint64_t>(std::ranges::count(text, '\n')) + 1;
  TcpStates states;
  if (net_sockets::add(text, states) &&
      std::accumulate(states.counts.begin(), states.counts.end(), std::uint64_t{0}) > lines) {
    std::abort();
  }
  UdpQueues queues;
  if (net_sockets::add(text, queues) && (queues.sockets > lines || queues.rx_bytes > lines << 32U)) std::abort();
  TcpSockets sockets;
  if (net_sockets::add(text, sockets) && sockets.tx_bytes > lines << 32U) std::abort();
  return 0;
}
