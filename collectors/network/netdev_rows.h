// The counters of network devices under both of node_exporter's sets of names: the ordinary one and the detailed one,
// which has the names of Linux's own statistics (struct rtnl_link_stats64, include/uapi/linux/if_link.h).
//   for (const CounterRow& row : kCounterRows) if ((row.sets & kDetailedLink) != 0) ...
#pragma once

#include <linux/if_link.h>

#include <array>
#include <cstddef>
#include <cstdint>

#include "collectors/formats/net/net_dev.h"
#include "collectors/kit/joined.h"
#include "core/family.h"

namespace vitalsd::netdev {

/// Sets of names, as bits. The detailed set has fewer counters where /proc/net/dev is its source.
inline constexpr std::uint8_t kOrdinary = 1, kDetailedFile = 2, kDetailedLink = 4;
inline constexpr std::uint8_t kEvery = kOrdinary | kDetailedFile | kDetailedLink;

inline constexpr std::array<std::string_view, 2> kLabels = {"device", "ifalias"};

struct CounterRow {
  Family family;
  std::uint8_t sets;           ///< the sets that have it
  NetDevice::Counter counter;  ///< in all sets but kDetailedLink
  std::size_t at;              ///< where struct rtnl_link_stats64 has it; for kDetailedLink
};

template <Literal Word, std::uint8_t Sets, NetDevice::Counter Which, std::size_t At>
constexpr CounterRow kCounterRow{
    {joined<"node_network_", Word, "_total">, Kind::counter, joined<"Network device statistic ", Word, ".">,
     joined<Word>.ends_with("bytes") ? "bytes" : "", std::span(kLabels).first(1)},
    Sets,
    Which,
    At};
template <Literal Word, std::size_t At>
constexpr CounterRow kLinkRow = kCounterRow<Word, kDetailedLink, NetDevice::kCounters, At>;
/// One that the detailed set leaves out where struct rtnl_link_stats64 is its source.
template <Literal Word, NetDevice::Counter Which>
constexpr CounterRow kFileRow = kCounterRow<Word, kOrdinary | kDetailedFile, Which, 0>;

using Stats = rtnl_link_stats64;
inline constexpr std::array kCounterRows = {
    kCounterRow<"receive_bytes", kEvery, NetDevice::rx_bytes, offsetof(Stats, rx_bytes)>,
    kCounterRow<"receive_packets", kEvery, NetDevice::rx_packets, offsetof(Stats, rx_packets)>,
    kCounterRow<"receive_errs", kOrdinary, NetDevice::rx_errs, 0>,
    kCounterRow<"receive_drop", kOrdinary, NetDevice::rx_drop, 0>,
    kFileRow<"receive_fifo", NetDevice::rx_fifo>,
    kFileRow<"receive_frame", NetDevice::rx_frame>,
    kCounterRow<"receive_compressed", kEvery, NetDevice::rx_compressed, offsetof(Stats, rx_compressed)>,
    kFileRow<"receive_multicast", NetDevice::rx_multicast>,
    kCounterRow<"transmit_bytes", kEvery, NetDevice::tx_bytes, offsetof(Stats, tx_bytes)>,
    kCounterRow<"transmit_packets", kEvery, NetDevice::tx_packets, offsetof(Stats, tx_packets)>,
    kCounterRow<"transmit_errs", kOrdinary, NetDevice::tx_errs, 0>,
    kCounterRow<"transmit_drop", kOrdinary, NetDevice::tx_drop, 0>,
    kFileRow<"transmit_fifo", NetDevice::tx_fifo>,
    kFileRow<"transmit_colls", NetDevice::tx_colls>,
    kFileRow<"transmit_carrier", NetDevice::tx_carrier>,
    kCounterRow<"transmit_compressed", kEvery, NetDevice::tx_compressed, offsetof(Stats, tx_compressed)>,
    kCounterRow<"receive_errors", kDetailedFile | kDetailedLink, NetDevice::rx_errs, offsetof(Stats, rx_errors)>,
    kCounterRow<"receive_dropped", kDetailedFile | kDetailedLink, NetDevice::rx_drop, offsetof(Stats, rx_dropped)>,
    kCounterRow<"transmit_errors", kDetailedFile | kDetailedLink, NetDevice::tx_errs, offsetof(Stats, tx_errors)>,
    kCounterRow<"transmit_dropped", kDetailedFile | kDetailedLink, NetDevice::tx_drop, offsetof(Stats, tx_dropped)>,
    kLinkRow<"multicast", offsetof(Stats, multicast)>,
    kLinkRow<"collisions", offsetof(Stats, collisions)>,
    kLinkRow<"receive_length_errors", offsetof(Stats, rx_length_errors)>,
    kLinkRow<"receive_over_errors", offsetof(Stats, rx_over_errors)>,
    kLinkRow<"receive_crc_errors", offsetof(Stats, rx_crc_errors)>,
    kLinkRow<"receive_frame_errors", offsetof(Stats, rx_frame_errors)>,
    kLinkRow<"receive_fifo_errors", offsetof(Stats, rx_fifo_errors)>,
    kLinkRow<"receive_missed_errors", offsetof(Stats, rx_missed_errors)>,
    kLinkRow<"transmit_aborted_errors", offsetof(Stats, tx_aborted_errors)>,
    kLinkRow<"transmit_carrier_errors", offsetof(Stats, tx_carrier_errors)>,
    kLinkRow<"transmit_fifo_errors", offsetof(Stats, tx_fifo_errors)>,
    kLinkRow<"transmit_heartbeat_errors", offsetof(Stats, tx_heartbeat_errors)>,
    kLinkRow<"transmit_window_errors", offsetof(Stats, tx_window_errors)>,
};

}  // namespace vitalsd::netdev
