#include <algorithm>
#include <array>

#include "collectors/kit/pattern.h"
#include "core/collector.h"
#include "core/lines.h"

namespace vitalsd {
namespace {

constexpr std::array<std::string_view, 1> kLabels = {"device"};
constexpr Family kEntries{"node_arp_entries", Kind::gauge, "ARP entries by device", "", kLabels};
constexpr auto kFamilies = family_list<1>(kEntries);

constexpr std::array kOptions = {
    OptionSpec{"device_include", OptionType::regex, "", "Devices to report; excludes device_exclude."},
    OptionSpec{"device_exclude", OptionType::regex, "", "Devices to leave out; excludes device_include."},
};

class ArpCollector final : public Collector {
 public:
  explicit ArpCollector(const Options& options) : devices_(make_filter(options, "device_include", "device_exclude")) {
    if (devices_.include && devices_.exclude) {
      throw OptionError("device_exclude", "device_include is given too: only one of them can be");
    }
  }

  Result<void> collect(CollectContext& context, Sink& sink) override {
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

 private:
  static constexpr std::size_t kMostDevices = 4096;
  struct Count {
    std::string_view device;
    std::uint64_t entries;
  };
  Filter devices_;
  std::vector<Count> counts_;
};

const Registration kRegistration{{.name = "arp",
                                  .help = "Entries of the ARP table by device.",
                                  .options = kOptions,
                                  .families = kFamilies,
                                  .never_waits = true,
                                  .make = make_configured<ArpCollector>}};

}  // namespace
}  // namespace vitalsd
