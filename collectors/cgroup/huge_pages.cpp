#include "collectors/cgroup/huge_pages.h"

#include "core/scan.h"

namespace vitalsd {
namespace {

constexpr std::string_view kDirectory = "kernel/mm/hugepages";
constexpr std::string_view kPrefix = "hugepages-", kSuffix = "kB";
constexpr std::uint64_t kKilo = 1024, kMega = kKilo * kKilo;
constexpr std::size_t kMostSizes = 16;

// As mem_fmt() in mm/hugetlb_cgroup.c writes it.
std::string name_of(std::uint64_t kilobytes) {
  if (kilobytes >= kMega) return std::to_string(kilobytes / kMega) + "GB";
  if (kilobytes >= kKilo) return std::to_string(kilobytes / kKilo) + "MB";
  return std::to_string(kilobytes) + "KB";
}

}  // namespace

void HugePageSizes::round(CollectContext& context) {
  if (!listed_) {
    listed_ = true;  // the sizes are those of the processor
    Names names;
    if (!context.host.sysfs->list(kDirectory, names)) return;
    for (std::size_t i = 0; i < names.size() && all_.size() < kMostSizes; ++i) {
      std::string_view digits = names[i];
      if (!digits.starts_with(kPrefix) || !digits.ends_with(kSuffix)) continue;
      digits.remove_prefix(kPrefix.size());
      const auto kilobytes =
          parse_number<std::uint64_t>(digits.substr(0, digits.size() - kSuffix.size()), "size of huge pages");
      if (!kilobytes || *kilobytes == 0) continue;
      all_.push_back({std::string(kDirectory) + "/" + std::string(names[i]) + "/nr_hugepages", name_of(*kilobytes)});
    }
  }
  names_.clear();
  for (const Size& size : all_) {
    const auto text = context.host.sysfs->attribute(size.pages, context.buffer, Keep::yes);
    if (text && *text != "0") names_.push_back(size.name);
  }
}

}  // namespace vitalsd
