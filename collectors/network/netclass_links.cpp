#include "collectors/network/netclass_links.h"

#include <linux/if.h>

namespace vitalsd::netclass {
namespace {

constexpr auto kReadAgain = std::chrono::minutes(5);

// Words of sysfs (net/core/net-sysfs.c operstate_show()), by number.
constexpr std::array<std::string_view, 7> kStates = {"unknown", "notpresent", "down", "lowerlayerdown",
                                                     "testing", "dormant",    "up"};
constexpr std::uint8_t kStateUp = 6;

constexpr std::array<std::string_view, 3> kSysfsAlone = {"addr_assign_type", "dev_id", "name_assign_type"};
constexpr std::array kSysfsFamilies = {&family_of("addr_assign_type"), &family_of("dev_id"),
                                       &family_of("name_assign_type")};

template <class T>
double number(const std::optional<T>& value) {
  return value ? static_cast<double>(*value) : kAbsent;
}

// What sysfs answers with EINVAL while the device is down is absent then.
struct Property {
  const Family* family;
  double (*get)(const NetLink&);
};
constexpr std::array kOfLink = {
    Property{&family_of("carrier"), [](const NetLink& l) { return l.is_up() ? number(l.carrier) : kAbsent; }},
    Property{&family_of("carrier_changes"), [](const NetLink& l) { return number(l.carrier_changes); }},
    Property{&family_of("carrier_up_count"), [](const NetLink& l) { return number(l.carrier_ups); }},
    Property{&family_of("carrier_down_count"), [](const NetLink& l) { return number(l.carrier_downs); }},
    Property{&family_of("dormant"),
             [](const NetLink& l) { return l.is_up() ? ((l.flags & IFF_DORMANT) != 0 ? 1.0 : 0.0) : kAbsent; }},
    Property{&family_of("ifindex"), [](const NetLink& l) { return static_cast<double>(l.index); }},
    // The kernel leaves it out where it is the device itself.
    Property{&family_of("iflink"), [](const NetLink& l) { return static_cast<double>(l.link.value_or(l.index)); }},
    Property{&family_of("link_mode"), [](const NetLink& l) { return number(l.link_mode); }},
    Property{&family_of("mtu"), [](const NetLink& l) { return number(l.mtu); }},
    Property{&family_of("netdev_group"), [](const NetLink& l) { return number(l.group); }},
    Property{&family_of("tx_queue_len"), [](const NetLink& l) { return number(l.queue_length); }},
    Property{&family_of("type"), [](const NetLink& l) { return static_cast<double>(l.type); }},
};

// As sysfs prints hardware addresses: "aa:bb:cc:dd:ee:ff".
std::string_view print(std::string& out, Bytes address) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  out.clear();
  for (const char byte : address) {
    if (!out.empty()) out += ':';
    out += kDigits[static_cast<unsigned char>(byte) >> 4U];
    out += kDigits[static_cast<unsigned char>(byte) & 0xFU];
  }
  return out;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\n')) text.remove_suffix(1);
  return text;
}

}  // namespace

Result<void> Links::collect(CollectContext& context, NetlinkSource& netlink, Sink& sink) {
  const auto modes = modes_.read(netlink);
  modes_read_ = modes.has_value();
  if (!modes && modes.error().code != Errc::unavailable)
    context.faults.partial("netlink", "linkmodes", modes.error(), {});
  for (Known& device : known_) device.seen = false;
  std::size_t devices = 0;
  const auto asked =
      netlink.whole(net_links::request(), kSameMoment, [&](const NetlinkMessage& message) -> Result<void> {
        const auto link = net_links::parse(message);
        if (!link) {
          context.faults.partial("netlink", "link", link.error(), {});
          return {};
        }
        if (devices_.keeps(link->name) && ++devices <= kMostDevices) add(context, *link, sink);
        return {};
      });
  if (asked) std::erase_if(known_, [](const Known& device) { return !device.seen; });
  return asked;
}

void Links::add(CollectContext& context, const NetLink& link, Sink& sink) {
  if (!link.operstate || *link.operstate >= kStates.size()) return;  // as a device whose operstate sysfs refuses
  const std::array labels = {link.name};
  const LabelId device = sink.labels(kDevice, labels);
  sink.add(kUp, device, *link.operstate == kStateUp ? 1 : 0);
  for (const auto& [family, get] : kOfLink) {
    const double value = get(link);
    if (!std::isnan(value)) sink.add(*family, device, value);
  }
  const Known& rest = known(context, link);
  for (std::size_t i = 0; i < rest.values.size(); ++i) {
    if (!std::isnan(rest.values[i])) sink.add(*kSysfsFamilies[i], device, rest.values[i]);
  }

  directory_.assign(kClass).append("/").append(link.name);
  std::string_view adminstate = link.is_up() ? "up" : "down";
  const auto own = link.own_flags();
  const auto flags =
      own ? Result<double>(*own) : read_number(*context.host.sysfs, directory_, "flags", context, 0, Keep::no);
  if (flags) sink.add(family_of("flags"), device, *flags);
  add_speed(context, link, device, sink);
  const std::array<std::string_view, 7> info = {link.name,
                                                print(address_, link.address),
                                                print(broadcast_, link.broadcast),
                                                duplex_,
                                                kStates[*link.operstate],
                                                adminstate,
                                                trimmed(link.alias)};
  sink.add(kInfo, sink.labels(kInfoLabels, info), 1);
}

// Sysfs answers for devices that are up alone.
void Links::add_speed(CollectContext& context, const NetLink& link, LabelId device, Sink& sink) {
  duplex_.clear();
  if (!link.is_up()) return;
  double megabits = kAbsent;
  if (modes_read_) {
    if (const LinkMode* mode = modes_.find(link.index); mode != nullptr) {
      megabits = mode->megabits;
      duplex_ = mode->duplex;
    }
  } else {
    const auto speed = read_number(*context.host.sysfs, directory_, kSpeed.file, context, 10, Keep::no);
    if (speed) megabits = *speed;
    take_attribute(duplex_, *context.host.sysfs, directory_, "duplex", context, Keep::no);
  }
  if (!std::isnan(megabits) && (megabits >= 0 || !ignore_invalid_speed_)) {
    sink.add(kSpeed.family, device, megabits * kBytesOfMegabit);
  }
}

const Links::Known& Links::known(CollectContext& context, const NetLink& link) {
  const std::string_view address(link.address.data(), link.address.size());
  auto found = std::ranges::lower_bound(known_, link.index, {}, &Known::index);
  const auto now = context.host.clock->steady();
  const bool there = found != known_.end() && found->index == link.index;
  if (there && found->name == link.name && found->address == address && now - found->read_at < kReadAgain) {
    found->seen = true;
    return *found;
  }
  if (!there) found = known_.insert(found, Known{.index = link.index});
  found->name = link.name;
  found->address = address;
  found->read_at = now;
  found->seen = true;
  found->values.fill(kAbsent);
  directory_.assign(kClass).append("/").append(link.name);
  const FileSource& sysfs = *context.host.sysfs;
  // A sysfs that was mounted in another namespace has other devices, which may have the same names.
  const auto index = read_number(sysfs, directory_, "ifindex", context, 10, Keep::no);
  if (!index || *index != link.index) return *found;
  for (std::size_t i = 0; i < kSysfsAlone.size(); ++i) {
    const auto value = read_number(sysfs, directory_, kSysfsAlone[i], context, 0, Keep::no);
    if (value) found->values[i] = *value;
  }
  return *found;
}

}  // namespace vitalsd::netclass
