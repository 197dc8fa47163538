// Free blocks by size (/proc/buddyinfo, Documentation/filesystems/proc.rst).
#include <array>
#include <string>

#include "collectors/kit/digits.h"
#include "core/collector.h"
#include "core/lines.h"

namespace vitalsd {
namespace {

constexpr std::array<std::string_view, 3> kLabels = {"node", "zone", "size"};
constexpr Family kBlocks{"node_buddyinfo_blocks", Kind::gauge, "Count of free blocks according to size.", {}, kLabels};
constexpr std::array kFamilies = {&kBlocks};
constexpr std::size_t kMostSizes = 64;  // the kernel has 11 to 14

class BuddyinfoCollector final : public Collector {
 public:
  Result<void> collect(CollectContext& context, Sink& sink) override {
    const auto text = context.host.procfs->read("buddyinfo", context.buffer, Keep::yes);
    if (!text) return fail(text.error());
    Lines lines(*text, "buddyinfo", context.faults);
    while (lines.next()) {
      lines->expect("Node");
      std::string_view node = lines->word();
      if (!node.ends_with(',')) lines->set_failed();
      if (!node.empty()) node.remove_suffix(1);
      lines->expect("zone");
      const std::string_view zone = lines->word();
      std::size_t sizes = 0;
      for (; lines->ok() && sizes < kMostSizes && !lines->skip_blanks().at_end(); ++sizes)
        counts_[sizes] = lines->integer();
      if (!lines.keep(lines.whole().substr(0, 24))) continue;
      for (std::size_t i = 0; i < sizes; ++i) {
        sink.add(kBlocks, {node, zone, Digits(i)}, static_cast<double>(counts_[i]));
      }
    }
    return lines.result();
  }

 private:
  std::array<std::uint64_t, kMostSizes> counts_{};
};

const Registration kRegistration{{.name = "buddyinfo",
                                  .enabled = false,
                                  .help = "Free memory blocks by size.",
                                  .families = kFamilies,
                                  .make = make_collector<BuddyinfoCollector>}};

}  // namespace
}  // namespace vitalsd
