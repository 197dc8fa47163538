#include "collectors/network/wifi/nl80211.h"

#include <linux/nl80211.h>

#include <algorithm>
#include <array>

#include "collectors/kit/genetlink.h"

namespace vitalsd::wifi {
namespace {

constexpr double kMilliseconds = 1e3;  // of a second
constexpr double kBitsOfRate = 100e3;  // the kernel counts in 100 kbit/s
constexpr std::size_t kAddressBytes = 6;

template <class T>
double number(const NetlinkAttribute& attribute, double times = 1, double per = 1) {
  const auto value = attribute.as<T>();
  return value ? static_cast<double>(*value) * times / per : kAbsent;
}

std::string_view text_of(Bytes bytes) { return {bytes.data(), bytes.size()}; }

// Calls `take` with each attribute within the one of this type of a message.
template <class Take>
bool each_within(const NetlinkMessage& message, std::uint16_t type, Take take) {
  NetlinkAttributes outer(message.behind<genlmsghdr>());
  while (outer.next()) {
    if (outer->type != type) continue;
    NetlinkAttributes inner(outer->data);
    while (inner.next()) take(*inner);
    return !inner.torn();
  }
  return false;
}

// The first information element of type 0 is the network's name (IEEE 802.11, 9.4.2).
std::string_view ssid_in(Bytes elements) {
  while (elements.size() >= 2) {
    const auto type = static_cast<unsigned char>(elements[0]);
    const std::size_t size = static_cast<unsigned char>(elements[1]);
    if (size > elements.size() - 2) return {};
    if (type == 0) return text_of(elements.subspan(2, size));
    elements = elements.subspan(2 + size);
  }
  return {};
}

double rate_in(Bytes nested) {
  double rate = kAbsent;
  NetlinkAttributes attributes(nested);
  while (attributes.next()) {
    if (attributes->type == NL80211_RATE_INFO_BITRATE32) return number<std::uint32_t>(*attributes, kBitsOfRate);
    if (attributes->type == NL80211_RATE_INFO_BITRATE) rate = number<std::uint16_t>(*attributes, kBitsOfRate);
  }
  return rate;
}

void take(const NetlinkAttribute& a, Station& station) {
  switch (a.type) {
    case NL80211_STA_INFO_CONNECTED_TIME: station.connected = number<std::uint32_t>(a); break;
    case NL80211_STA_INFO_INACTIVE_TIME: station.inactive = number<std::uint32_t>(a, 1, kMilliseconds); break;
    case NL80211_STA_INFO_RX_BITRATE: station.receive_rate = rate_in(a.data); break;
    case NL80211_STA_INFO_TX_BITRATE: station.transmit_rate = rate_in(a.data); break;
    case NL80211_STA_INFO_RX_BYTES64: station.received = number<std::uint64_t>(a); break;
    case NL80211_STA_INFO_TX_BYTES64: station.transmitted = number<std::uint64_t>(a); break;
    case NL80211_STA_INFO_RX_PACKETS: station.received_packets = number<std::uint32_t>(a); break;
    case NL80211_STA_INFO_TX_PACKETS: station.transmitted_packets = number<std::uint32_t>(a); break;
    // The short forms, which wrap, come before the long ones; where those are, they win.
    case NL80211_STA_INFO_RX_BYTES:
      if (std::isnan(station.received)) station.received = number<std::uint32_t>(a);
      break;
    case NL80211_STA_INFO_TX_BYTES:
      if (std::isnan(station.transmitted)) station.transmitted = number<std::uint32_t>(a);
      break;
    case NL80211_STA_INFO_SIGNAL: station.signal = number<std::int8_t>(a); break;
    case NL80211_STA_INFO_TX_RETRIES: station.retries = number<std::uint32_t>(a); break;
    case NL80211_STA_INFO_TX_FAILED: station.failed = number<std::uint32_t>(a); break;
    case NL80211_STA_INFO_BEACON_LOSS: station.beacon_losses = number<std::uint32_t>(a); break;
    default: break;
  }
}

void take(const NetlinkAttribute& a, Survey& survey) {
  switch (a.type) {
    case NL80211_SURVEY_INFO_FREQUENCY: survey.megahertz = a.as<std::uint32_t>().value_or(0); break;
    case NL80211_SURVEY_INFO_NOISE: survey.noise = number<std::int8_t>(a); break;
    case NL80211_SURVEY_INFO_IN_USE: survey.in_use = 1; break;
    case NL80211_SURVEY_INFO_TIME: survey.time = number<std::uint64_t>(a, 1, kMilliseconds); break;
    case NL80211_SURVEY_INFO_TIME_BUSY: survey.busy = number<std::uint64_t>(a, 1, kMilliseconds); break;
    case NL80211_SURVEY_INFO_TIME_EXT_BUSY: survey.extension_busy = number<std::uint64_t>(a, 1, kMilliseconds); break;
    case NL80211_SURVEY_INFO_TIME_BSS_RX: survey.received_own = number<std::uint64_t>(a, 1, kMilliseconds); break;
    case NL80211_SURVEY_INFO_TIME_RX: survey.received = number<std::uint64_t>(a, 1, kMilliseconds); break;
    case NL80211_SURVEY_INFO_TIME_TX: survey.transmitted = number<std::uint64_t>(a, 1, kMilliseconds); break;
    case NL80211_SURVEY_INFO_TIME_SCAN: survey.scanning = number<std::uint64_t>(a, 1, kMilliseconds); break;
    default: break;
  }
}

}  // namespace

std::string print_address(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const char byte : bytes) {
    if (!out.empty()) out += ':';
    out += kDigits[static_cast<unsigned char>(byte) >> 4U];
    out += kDigits[static_cast<unsigned char>(byte) & 0xFU];
  }
  return out;
}

std::string_view mode_of(double bss_status) {
  if (bss_status == NL80211_BSS_STATUS_AUTHENTICATED || bss_status == NL80211_BSS_STATUS_ASSOCIATED) return "client";
  return bss_status == NL80211_BSS_STATUS_IBSS_JOINED ? "ad-hoc" : "unknown";
}

namespace nl80211 {

std::optional<Interface> interface_of(const NetlinkMessage& message) {
  Interface interface;
  NetlinkAttributes attributes(message.behind<genlmsghdr>());
  while (attributes.next()) {
    if (attributes->type == NL80211_ATTR_IFINDEX) interface.index = attributes->as<std::int32_t>().value_or(0);
    if (attributes->type == NL80211_ATTR_IFNAME) interface.name = attributes->text();
    if (attributes->type == NL80211_ATTR_WIPHY_FREQ) interface.hertz = number<std::uint32_t>(*attributes, 1e6);
  }
  if (attributes.torn() || interface.name.empty() || interface.index <= 0) return std::nullopt;
  return interface;
}

std::optional<Bss> bss_of(const NetlinkMessage& message) {
  Bss bss;
  std::optional<std::uint32_t> status;
  const bool whole = each_within(message, NL80211_ATTR_BSS, [&](const NetlinkAttribute& attribute) {
    if (attribute.type == NL80211_BSS_STATUS) status = attribute.as<std::uint32_t>();
    if (attribute.type == NL80211_BSS_BSSID)
      bss.bssid = print_address(text_of(attribute.data).substr(0, kAddressBytes));
    if (attribute.type == NL80211_BSS_INFORMATION_ELEMENTS) bss.ssid = ssid_in(attribute.data);
  });
  if (!whole || !status) return std::nullopt;  // only the one that it takes part in has a status
  bss.mode = mode_of(*status);
  return bss;
}

std::optional<Station> station_of(const NetlinkMessage& message) {
  Station station;
  NetlinkAttributes attributes(message.behind<genlmsghdr>());
  while (attributes.next()) {
    if (attributes->type == NL80211_ATTR_MAC && attributes->data.size() == kAddressBytes) {
      station.address = print_address(text_of(attributes->data));
    }
  }
  const bool whole =
      each_within(message, NL80211_ATTR_STA_INFO, [&](const NetlinkAttribute& attribute) { take(attribute, station); });
  if (!whole || station.address.empty()) return std::nullopt;
  return station;
}

std::optional<Survey> survey_of(const NetlinkMessage& message) {
  Survey survey;
  const bool whole = each_within(message, NL80211_ATTR_SURVEY_INFO,
                                 [&](const NetlinkAttribute& attribute) { take(attribute, survey); });
  if (!whole || survey.megahertz == 0) return std::nullopt;
  return survey;
}

}  // namespace nl80211

NetlinkRequest KernelSource::request(std::uint8_t command, const Interface& interface) const {
  NetlinkRequest request = genetlink_request(family_, command);
  request.add(NL80211_ATTR_IFINDEX, interface.index);
  return request;
}

namespace {

/// Collects what `read` makes of each message.
template <class T, class Read>
Result<void> list(NetlinkSource& netlink, const NetlinkRequest& request, std::size_t most, std::vector<T>& out,
                  Read read) {
  return netlink.stream(
      request, [&out] { out.clear(); },
      [&](const NetlinkMessage& message) -> Result<void> {
        if (out.size() >= most) return fail(Errc::too_large, "nl80211");
        if (auto one = read(message)) out.push_back(std::move(*one));
        return {};
      });
}

}  // namespace

Result<void> KernelSource::interfaces(std::vector<Interface>& out) {
  const auto family = genetlink_family(netlink_, NL80211_GENL_NAME);
  if (!family) return fail(family.error());
  family_ = *family;
  return list(netlink_, genetlink_request(family_, NL80211_CMD_GET_INTERFACE), kMostInterfaces, out,
              nl80211::interface_of);
}

Result<Bss> KernelSource::bss(const Interface& interface) {
  std::vector<Bss> all;
  const auto asked = list(netlink_, request(NL80211_CMD_GET_SCAN, interface), kMostStations, all, nl80211::bss_of);
  if (!asked) return fail(asked.error());
  if (all.empty()) return fail(Errc::unavailable, "nl80211");
  return std::move(all.front());
}

Result<void> KernelSource::stations(const Interface& interface, std::vector<Station>& out) {
  return list(netlink_, request(NL80211_CMD_GET_STATION, interface), kMostStations, out, nl80211::station_of);
}

Result<void> KernelSource::surveys(const Interface& interface, std::vector<Survey>& out) {
  return list(netlink_, request(NL80211_CMD_GET_SURVEY, interface), kMostSurveys, out, nl80211::survey_of);
}

}  // namespace vitalsd::wifi
