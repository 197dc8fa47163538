#include <algorithm>
#include <array>

#include "collectors/formats/netlink/neighbour.h"
#include "collectors/kit/link_names.h"
#include "collectors/kit/netlink_run.h"
#include "collectors/kit/pattern.h"
#include "core/collector.h"
#include "core/lines.h"

namespace vitalsd {
namespace {

constexpr std::array<std::string_view, 1> kLabels = {"device"};
constexpr Family kEntries{"node_arp_entries", Kind::gauge, "ARP entries by device", "", kLabels};
constexpr std::array<std::string_view, 2> kStateLabels = {"device", "state"};
constexpr Family kStates{"node_arp_states", Kind::gauge, "ARP states by device", "", kStateLabels};
constexpr auto kFamilies = family_list<2>(kEntries, kStates);

constexpr std::array kOptions = {
    OptionSpec{"device_include", OptionType::regex, "", "Devices to report; excludes device_exclude."},
    OptionSpec{"device_exclude", OptionType::regex, "", "Devices to leave out; excludes device_include."},
    OptionSpec{
        "netlink", OptionType::boolean, "true",
        "Ask the kernel over netlink, which knows the state of each entry, where that and /proc/net/arp are of the "
        "same system."},
};

class ArpCollector final : public Collector {
 public:
  explicit ArpCollector(const Options& options)
      : devices_(make_filter(options, "device_include", "device_exclude")), netlink_(options.flag("netlink")) {
    if (devices_.include && devices_.exclude) {
      throw OptionError("device_exclude", "device_include is given too: only one of them can be");
    }
  }

  Result<void> collect(CollectContext& context, Sink& sink) override {
    if (NetlinkSource* const netlink = netlink_ ? netlink_of(context) : nullptr; netlink != nullptr) {
      const auto asked = ask(context, *netlink);
      if (asked) {
        publish_states(sink);
        return {};
      }
      report_netlink(context, "arp", asked.error());
    }
    return read_file(context, sink);
  }

 private:
  static constexpr std::size_t kMostDevices = 4096;
  struct Count {
    std::string_view device;
    std::uint64_t entries;
  };
  struct StateCount {
    std::int32_t device;
    std::uint16_t state;
    std::uint64_t entries;
    auto key() const noexcept { return std::pair(device, state); }
  };

  Result<void> read_file(CollectContext& context, Sink& sink) {
    const auto text = context.host.procfs->read("net/arp", context.buffer, Keep::yes);
    if (!text) return fail(text.error());
    counts_.clear();
    Lines lines(*text, "net/arp", context.faults);
    while (lines.next()) {
      // "IP address  HW type  Flags  HW address  Mask  Device", of which the heading has more words than a line.
      if (lines.whole().starts_with("IP address")) {
        lines.skip();
        continue;
      }
      for (int skipped = 0; skipped < 5; ++skipped) lines->word();
      const std::string_view device = lines->word();
      if (!lines.keep()) continue;
      const auto found = std::ranges::find(counts_, device, &Count::device);
      if (found != counts_.end()) {
        ++found->entries;
      } else if (counts_.size() < kMostDevices) {
        counts_.push_back({device, 1});
      }
    }
    if (const auto read = lines.result(); !read) return read;
    for (const Count& count : counts_) {
      if (devices_.keeps(count.device)) sink.add(kEntries, {count.device}, static_cast<double>(count.entries));
    }
    return {};
  }

  Result<void> ask(CollectContext& context, NetlinkSource& netlink) {
    const auto asked = netlink.stream(
        neighbour::request(), [this] { states_.clear(); },
        [this, &context](const NetlinkMessage& message) {
          const auto one = neighbour::parse(message);
          if (one) {
            count(*one);
          } else {
            context.faults.partial("netlink", "neighbour", one.error(), {});
          }
          return Result<void>();
        });
    if (!asked) return asked;
    indices_.clear();
    for (const StateCount& count : states_) {
      if (indices_.empty() || indices_.back() != count.device) indices_.push_back(count.device);
    }
    return names_.read(netlink, context, indices_);
  }

  void count(const NeighbourEntry& one) {
    if (!one.is_entry()) return;
    const auto key = std::pair(one.device, one.state);
    const auto at = std::ranges::lower_bound(states_, key, {}, &StateCount::key);
    if (at != states_.end() && at->key() == key) {
      ++at->entries;
    } else if (states_.size() < kMostDevices) {
      states_.insert(at, {one.device, one.state, 1});
    }
  }

  /// The counts are sorted by device.
  void publish_states(Sink& sink) const {
    for (auto at = states_.begin(); at != states_.end();) {
      const auto end = std::ranges::upper_bound(at, states_.end(), at->device, {}, &StateCount::device);
      const std::string_view device = names_.find(at->device);
      std::uint64_t entries = 0;
      for (; at != end; ++at) {
        entries += at->entries;
        const std::string_view word = NeighbourEntry{at->device, at->state}.state_word();
        const bool wanted = !device.empty() && devices_.keeps(device) && !word.empty();
        if (wanted) sink.add(kStates, {device, word}, static_cast<double>(at->entries));
      }
      if (!device.empty() && devices_.keeps(device)) sink.add(kEntries, {device}, static_cast<double>(entries));
    }
  }

  Filter devices_;
  bool netlink_;
  LinkNames names_;
  std::vector<std::int32_t> indices_;
  std::vector<Count> counts_;
  std::vector<StateCount> states_;
};

const Registration kRegistration{{.name = "arp",
                                  .help = "Entries of the ARP table by device.",
                                  .options = kOptions,
                                  .families = kFamilies,
                                  .never_waits = true,
                                  .make = make_configured<ArpCollector>}};

}  // namespace
}  // namespace vitalsd
