#include "collectors/network/netclass_links.h"

#include <linux/if.h>

namespace vitalsd::netclass {
namespace {

constexpr std::string_view kBondingMasters = "bonding_masters";  // a file among the devices
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
  if (const auto looked = look(context, netlink); !looked) return looked;
  if (changed_ || !own_sysfs_) own_sysfs_ = is_own_sysfs(context);
  if (!own_sysfs_) return fail(Errc::unavailable, kClass);
  const auto modes = modes_.read(netlink);
  modes_read_ = modes.has_value();
  if (!modes && modes.error().code != Errc::unavailable) {
    context.faults.partial("netlink", "linkmodes", modes.error(), {});
  }
  return netlink.whole(net_links::request(), kSameMoment, [&](const NetlinkMessage& message) {
    const auto link = net_links::parse(message);
    if (link && devices_.keeps(link->name)) add(context, *link, sink);
    return Result<void>();
  });
}

Result<void> Links::look(CollectContext& context, NetlinkSource& netlink) {
  for (Known& device : known_) device.seen = false;
  changed_ = false;
  links_ = 0;
  const auto asked = netlink.whole(net_links::request(), kSameMoment, [&](const NetlinkMessage& message) {
    const auto link = net_links::parse(message);
    ++links_;
    if (!link) {
      context.faults.partial("netlink", "link", link.error(), {});
    } else if (devices_.keeps(link->name) && known_.size() < kMostDevices) {
      know(context, *link);
    }
    return Result<void>();
  });
  if (asked) std::erase_if(known_, [](const Known& device) { return !device.seen; });
  return asked;
}

// Names alone do not distinguish them: each namespace has a "lo", and most an "eth0".
bool Links::is_own_sysfs(CollectContext& context) {
  if (!context.host.sysfs->list(kClass, names_)) return false;
  std::size_t devices = names_.size();
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (names_[i] == kBondingMasters) --devices;
  }
  return devices == links_ && std::ranges::all_of(known_, &Known::matches);
}

void Links::add(CollectContext& context, const NetLink& link, Sink& sink) {
  if (!link.operstate || *link.operstate >= kStates.size()) return;  // as a device whose operstate sysfs refuses
  const auto rest = std::ranges::lower_bound(known_, link.index, {}, &Known::index);
  if (rest == known_.end() || rest->index != link.index) return;  // it came since we looked: the next run has it
  const std::array labels = {link.name};
  const LabelId device = sink.labels(kDevice, labels);
  sink.add(kUp, device, *link.operstate == kStateUp ? 1 : 0);
  for (const auto& [family, get] : kOfLink) {
    const double value = get(link);
    if (!std::isnan(value)) sink.add(*family, device, value);
  }
  for (std::size_t i = 0; i < rest->values.size(); ++i) {
    if (!std::isnan(rest->values[i])) sink.add(*kSysfsFamilies[i], device, rest->values[i]);
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

void Links::know(CollectContext& context, const NetLink& link) {
  const std::string_view address(link.address.data(), link.address.size());
  auto found = std::ranges::lower_bound(known_, link.index, {}, &Known::index);
  const bool there = found != known_.end() && found->index == link.index;
  if (!there) found = known_.insert(found, Known{.index = link.index});
  found->seen = true;
  const auto now = context.host.clock->steady();
  const bool same = there && found->matches && found->name == link.name && found->address == address;
  if (same && now - found->read_at < kReadAgain) return;
  found->name = link.name;
  found->address = address;
  found->read_at = now;
  found->values.fill(kAbsent);
  changed_ = true;
  read_sysfs(context, link, *found);
}

void Links::read_sysfs(CollectContext& context, const NetLink& link, Known& device) {
  directory_.assign(kClass).append("/").append(link.name);
  const FileSource& sysfs = *context.host.sysfs;
  const auto index = read_number(sysfs, directory_, "ifindex", context, 10, Keep::no);
  take_attribute(broadcast_, sysfs, directory_, "address", context, Keep::no);
  device.matches = index && *index == link.index && trimmed(broadcast_) == print(address_, link.address);
  if (!device.matches) return;
  for (std::size_t i = 0; i < kSysfsAlone.size(); ++i) {
    const auto value = read_number(sysfs, directory_, kSysfsAlone[i], context, 0, Keep::no);
    if (value) device.values[i] = *value;
  }
}

}  // namespace vitalsd::netclass
