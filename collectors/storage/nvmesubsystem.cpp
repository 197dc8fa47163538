// Collector `nvmesubsystem`: controllers, the paths to an NVMe subsystem, and their states (/sys/class/nvme-subsystem,
// drivers/nvme/host/sysfs.c).
#include <algorithm>
#include <array>
#include <string>

#include "collectors/kit/attributes.h"
#include "collectors/kit/digits.h"
#include "core/collector.h"

namespace vitalsd {
namespace {

constexpr std::string_view kClass = "class/nvme-subsystem";
constexpr std::array<std::string_view, 5> kInfoLabels = {"subsystem", "nqn", "model", "serial", "iopolicy"};
constexpr std::array<std::string_view, 2> kNamespaceLabels = {"subsystem", "device"};
constexpr std::array<std::string_view, 1> kSubsystem = {"subsystem"};
constexpr std::array<std::string_view, 4> kStateLabels = {"subsystem", "controller", "transport", "state"};
constexpr std::array<std::string_view, 5> kStates = {"live", "connecting", "resetting", "dead", "unknown"};
// Known, but no series of their own: all of the above are 0 then.
constexpr std::array<std::string_view, 3> kSilentStates = {"deleting", "deleting (no IO)", "new"};

constexpr Family kInfo{"node_nvmesubsystem_info", Kind::gauge, "Non-numeric information about an NVMe subsystem.", "",
                       kInfoLabels};
constexpr Family kNamespace{"node_nvmesubsystem_namespace_info", Kind::gauge,
                            "Maps an NVMe namespace block device to its subsystem.", "", kNamespaceLabels};
constexpr Family kPaths{"node_nvmesubsystem_paths", Kind::gauge, "Number of controller paths for an NVMe subsystem.",
                        "", kSubsystem};
constexpr Family kLive{"node_nvmesubsystem_paths_live", Kind::gauge,
                       "Number of controller paths in live state for an NVMe subsystem.", "", kSubsystem};
constexpr Family kState{"node_nvmesubsystem_path_state", Kind::gauge,
                        "Current NVMe controller path state (1 for the current state, 0 for all others).", "",
                        kStateLabels};
constexpr auto kFamilies =
    family_list<family_total(kInfo, kNamespace, kPaths, kLive, kState)>(kInfo, kNamespace, kPaths, kLive, kState);

// "nvme0n1", not "nvme0c0n1", which is one path to it.
bool is_namespace(std::string_view name) {
  const std::size_t n = name.rfind('n');
  return n > 0 && n != std::string_view::npos && is_digits(name.substr(n + 1)) &&
         !number_behind("nvme", name.substr(0, n)).empty();
}

class NvmeSubsystemCollector final : public Collector {
 public:
  Result<void> collect(CollectContext& context, Sink& sink) override {
    const FileSource& sysfs = *context.host.sysfs;
    if (const auto listed = sysfs.list(kClass, subsystems_); !listed) return listed;
    for (std::size_t i = 0; i < subsystems_.size(); ++i) {
      if (!subsystems_[i].starts_with("nvme-subsys")) continue;
      path_.assign(kClass).append("/").append(subsystems_[i]);
      add_subsystem(subsystems_[i], context, sink);
    }
    return {};
  }

 private:
  void add_subsystem(std::string_view subsystem, CollectContext& context, Sink& sink) {
    const FileSource& sysfs = *context.host.sysfs;
    constexpr std::array<std::string_view, 4> kFiles = {"subsysnqn", "model", "serial", "iopolicy"};
    for (std::size_t k = 0; k < kFiles.size(); ++k) {
      take_attribute(texts_[k], sysfs, path_, kFiles[k], context);
      texts_[k].resize(texts_[k].find_last_not_of(' ') + 1);  // the fields of the device are padded
    }
    sink.add(kInfo, {subsystem, texts_[0], texts_[1], texts_[2], texts_[3]}, 1);
    if (!sysfs.list(path_, entries_)) return;
    double paths = 0, live = 0;
    const std::size_t length = path_.size();
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      if (is_namespace(entries_[i])) sink.add(kNamespace, {subsystem, entries_[i]}, 1);
      if (number_behind("nvme", entries_[i]).empty()) continue;
      path_.append("/").append(entries_[i]);
      ++paths;
      live += add_path(subsystem, entries_[i], context, sink);
      path_.resize(length);
    }
    sink.add(kPaths, {subsystem}, paths);
    if (!std::isnan(live)) sink.add(kLive, {subsystem}, live);
  }

  // 1 for one that is live; kAbsent where it cannot be known.
  double add_path(std::string_view subsystem, std::string_view controller, CollectContext& context, Sink& sink) {
    const FileSource& sysfs = *context.host.sysfs;
    take_attribute(texts_[0], sysfs, path_, "transport", context);
    const auto raw = read_attribute(sysfs, path_, "state", context);
    if (!raw) return kAbsent;
    const bool known = std::ranges::find(kStates, *raw) != kStates.end() ||
                       std::ranges::find(kSilentStates, *raw) != kSilentStates.end();
    const std::string_view state = known ? *raw : "unknown";
    for (const std::string_view each : kStates)
      sink.add(kState, {subsystem, controller, texts_[0], each}, each == state ? 1 : 0);
    return state == "live" ? 1 : 0;
  }

  Names subsystems_, entries_;
  std::string path_;
  std::array<std::string, 4> texts_;
};

const Registration kRegistration{{.name = "nvmesubsystem",
                                  .enabled = false,
                                  .help = "Paths to NVMe subsystems and their states.",
                                  .families = kFamilies,
                                  .make = make_collector<NvmeSubsystemCollector>}};

}  // namespace
}  // namespace vitalsd
