#include "collectors/formats/net/net_sockets.h"

#include "core/scan.h"

namespace vitalsd::net_sockets {
namespace {

constexpr std::string_view kHeading = "sl";

/// Calls `take` for each line with the cursor after its number and addresses.
template <class Take>
Result<void> each_socket(std::string_view lines, std::string_view format, Take take) {
  for (Scan scan(lines, format); !scan.at_end();) {
    Scan line(scan.line(), format);
    if (line.skip_blanks().rest().empty() || line.accept(kHeading)) continue;
    if (!line.word().ends_with(':')) return fail(line.error());
    line.word();  // the local address
    line.word();  // the remote address
    take(line);
    if (!line.ok()) return fail(line.error());
  }
  return {};
}

}  // namespace

Result<void> add(std::string_view lines, TcpStates& to) {
  return each_socket(lines, "net/tcp", [&to](Scan& line) {
    const auto state = line.integer<unsigned>(16);
    if (state == 0 || state > to.counts.size()) return line.set_failed();
    ++to.counts[state - 1];
  });
}

// "07 TX_QUEUE:RX_QUEUE TR:TM->WHEN RETRNSMT UID TIMEOUT INODE REF POINTER DROPS"
Result<void> add(std::string_view lines, UdpQueues& to) {
  return each_socket(lines, "net/udp", [&to](Scan& line) {
    line.word();  // the state
    Scan queues(line.word(), "net/udp");
    const std::string_view sent = queues.until(':');
    Scan tx(sent, "net/udp"), rx(queues.rest(), "net/udp");
    const auto tx_bytes = tx.integer<std::uint32_t>(16), rx_bytes = rx.integer<std::uint32_t>(16);
    for (int skipped = 0; skipped < 7; ++skipped) line.word();
    const auto drops = line.integer<std::uint64_t>();
    if (!queues.ok() || !tx.ok() || !rx.ok() || !line.ok()) return line.set_failed();
    ++to.sockets;
    to.tx_bytes += tx_bytes;
    to.rx_bytes += rx_bytes;
    to.drops += drops;
  });
}

Result<void> add(std::string_view lines, TcpSockets& to) {
  return each_socket(lines, "net/tcp", [&to](Scan& line) {
    const auto state = line.integer<unsigned>(16);
    Scan queues(line.word(), "net/tcp");
    const std::string_view sent = queues.until(':');
    Scan tx(sent, "net/tcp"), rx(queues.rest(), "net/tcp");
    const auto tx_bytes = tx.integer<std::uint32_t>(16), rx_bytes = rx.integer<std::uint32_t>(16);
    if (!queues.ok() || !tx.ok() || !rx.ok() || state == 0) return line.set_failed();
    // Larger states are kernel-internal and are not shown here (include/net/tcp_states.h).
    if (state > to.states.counts.size()) return line.set_failed();
    ++to.states.counts[state - 1];
    to.tx_bytes += tx_bytes;
    to.rx_bytes += rx_bytes;
  });
}

}  // namespace vitalsd::net_sockets
