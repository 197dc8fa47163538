#include <algorithm>
#include <array>
#include <string>

#include "collectors/kit/attributes.h"
#include "collectors/kit/digits.h"
#include "core/collector.h"

namespace vitalsd {
namespace {

constexpr std::array<std::string_view, 6> kInfoLabels = {"device", "firmware_revision", "model", "serial", "state",
                                                         "cntlid"};
constexpr std::array<std::string_view, 3> kNamespaceInfoLabels = {"device", "nsid", "ana_state"};
constexpr std::array<std::string_view, 2> kLabels = {"device", "nsid"};

constexpr Family kInfo{"node_nvme_info", Kind::gauge,
                       "Non-numeric data from /sys/class/nvme/<device>, value is always 1.", "", kInfoLabels};
constexpr Family kNamespaceInfo{"node_nvme_namespace_info", Kind::gauge,
                                "Information about NVMe namespaces. Value is always 1", "", kNamespaceInfoLabels};
constexpr Family kCapacity{
    "node_nvme_namespace_capacity_bytes", Kind::gauge,
    "Capacity of the NVMe namespace in bytes. Computed as namespace_size * namespace_logical_block_size", "bytes",
    kLabels};
constexpr Family kSize{"node_nvme_namespace_size_bytes", Kind::gauge,
                       "Size of the NVMe namespace in bytes. Available in /sys/class/nvme/<device>/<namespace>/size",
                       "bytes", kLabels};
constexpr Family kUsed{
    "node_nvme_namespace_used_bytes", Kind::gauge,
    "Used space of the NVMe namespace in bytes. Available in /sys/class/nvme/<device>/<namespace>/nuse", "bytes",
    kLabels};
constexpr Family kBlock{"node_nvme_namespace_logical_block_size_bytes", Kind::gauge,
                        "Logical block size of the NVMe namespace in bytes. Usually 4Kb. Available in "
                        "/sys/class/nvme/<device>/<namespace>/queue/logical_block_size",
                        "bytes", kLabels};
constexpr auto kFamilies = family_list<family_total(kInfo, kNamespaceInfo, kCapacity, kSize, kUsed, kBlock)>(
    kInfo, kNamespaceInfo, kCapacity, kSize, kUsed, kBlock);

// The number at the end of "nvme0n1" or "nvme0c0n1", a namespace of nvme0; empty for anything else.
std::string_view namespace_of(std::string_view device, std::string_view name) {
  if (!name.starts_with(device)) return {};
  name.remove_prefix(device.size());
  const std::size_t n = name.find('n');
  if (n == std::string_view::npos || !is_digits(name.substr(n + 1))) return {};
  if (n > 0 && (name[0] != 'c' || !is_digits(name.substr(1, n - 1)))) return {};
  return name.substr(n + 1);
}

class NvmeCollector final : public Collector {
 public:
  Result<void> collect(CollectContext& context, Sink& sink) override {
    const FileSource& sysfs = *context.host.sysfs;
    if (const auto listed = sysfs.list("class/nvme", devices_); !listed) return listed;
    for (std::size_t i = 0; i < devices_.size(); ++i) {
      const std::string_view device = devices_[i];
      path_.assign("class/nvme/").append(device);
      constexpr std::array<std::string_view, 5> kFiles = {"firmware_rev", "model", "serial", "state", "cntlid"};
      for (std::size_t k = 0; k < kFiles.size(); ++k) take_text(sysfs, kFiles[k], context, texts_[k]);
      sink.add(kInfo, {device, texts_[0], texts_[1], texts_[2], texts_[3], texts_[4]}, 1);
      if (!sysfs.list(path_, names_)) continue;
      const std::size_t length = path_.size();
      for (std::size_t k = 0; k < names_.size(); ++k) {
        const std::string_view nsid = namespace_of(device, names_[k]);
        if (nsid.empty()) continue;
        path_.resize(length);
        path_.append("/").append(names_[k]);
        add_namespace(sysfs, device, nsid, context, sink);
      }
    }
    return {};
  }

 private:
  void take_text(const FileSource& sysfs, std::string_view file, CollectContext& context, std::string& out) {
    take_attribute(out, sysfs, path_, file, context);
    out.resize(out.find_last_not_of(' ') + 1);  // the fields of the device are padded
  }

  void add_namespace(const FileSource& sysfs, std::string_view device, std::string_view nsid, CollectContext& context,
                     Sink& sink) {
    take_text(sysfs, "ana_state", context, texts_[0]);
    sink.add(kNamespaceInfo, {device, nsid, texts_[0].empty() ? std::string_view("unknown") : texts_[0]}, 1);
    const auto block = read_number(sysfs, path_, "queue/logical_block_size", context);
    if (!block) return;  // all others are in its unit
    const LabelId labels = sink.labels(kLabels, std::array{device, nsid});
    sink.add(kBlock, labels, *block);
    if (const auto size = read_number(sysfs, path_, "size", context)) {
      sink.add(kSize, labels, *size * *block);
      sink.add(kCapacity, labels, *size * *block);
    }
    if (const auto used = read_number(sysfs, path_, "nuse", context)) sink.add(kUsed, labels, *used * *block);
  }

  Names devices_, names_;
  std::string path_;
  std::array<std::string, 5> texts_;
};

const Registration kRegistration{{.name = "nvme",
                                  .help = "Controllers and namespaces of NVMe.",
                                  .families = kFamilies,
                                  .make = make_collector<NvmeCollector>}};

}  // namespace
}  // namespace vitalsd
