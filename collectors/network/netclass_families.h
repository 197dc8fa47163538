// The families of collector `netclass`, whichever way they are read.
#pragma once

#include <algorithm>
#include <array>

#include "collectors/kit/attributes.h"
#include "collectors/kit/joined.h"

namespace vitalsd::netclass {

inline constexpr std::array<std::string_view, 1> kDevice = {"device"};
inline constexpr std::array<std::string_view, 7> kInfoLabels = {"device",    "address",    "broadcast", "duplex",
                                                                "operstate", "adminstate", "ifalias"};

template <Literal File, Literal Word, Kind OfKind = Kind::gauge, Literal Unit = "">
inline constexpr Attribute kProperty{
    joined<File>,
    {joined<"node_network_", Word>, OfKind, joined<"Network device property: ", Word>, joined<Unit>, kDevice},
    1,
    0};

inline constexpr Family kUp{"node_network_up", Kind::gauge, "Value is 1 if operstate is 'up', 0 otherwise.", "",
                            kDevice};
inline constexpr Family kInfo{"node_network_info", Kind::gauge,
                              "Non-numeric data from /sys/class/net/<iface>, value is always 1.", "", kInfoLabels};
inline constexpr Attribute kSpeed = kProperty<"speed", "speed_bytes", Kind::gauge, "bytes">;  // the file has Mbit/s
inline constexpr std::array kProperties = {
    kProperty<"addr_assign_type", "address_assign_type">,
    kProperty<"carrier", "carrier">,
    kProperty<"carrier_changes", "carrier_changes_total", Kind::counter>,
    kProperty<"carrier_up_count", "carrier_up_changes_total", Kind::counter>,
    kProperty<"carrier_down_count", "carrier_down_changes_total", Kind::counter>,
    kProperty<"dev_id", "device_id">,
    kProperty<"dormant", "dormant">,
    kProperty<"flags", "flags">,
    kProperty<"ifindex", "iface_id">,
    kProperty<"iflink", "iface_link">,
    kProperty<"link_mode", "iface_link_mode">,
    kProperty<"mtu", "mtu_bytes", Kind::gauge, "bytes">,
    kProperty<"name_assign_type", "name_assign_type">,
    kProperty<"netdev_group", "net_dev_group">,
    kProperty<"tx_queue_len", "transmit_queue_length">,
    kProperty<"type", "protocol_type">,
};

/// The one family of a file; of one that is not in the table, none that compiles.
consteval const Family& family_of(std::string_view file) {
  return std::ranges::find(kProperties, file, &Attribute::file)->family;
}

inline constexpr double kBytesOfMegabit = 1e6 / 8;
inline constexpr std::string_view kClass = "class/net";
inline constexpr std::size_t kMostDevices = 4096;
inline constexpr unsigned kUpFlag = 1;  // IFF_UP

}  // namespace vitalsd::netclass
