// Collector `drm`: load and memory of AMD's graphics cards (/sys/class/drm/cardN/device, Documentation/gpu/amdgpu).
#include <array>
#include <string>

#include "collectors/hardware/hwmon_names.h"
#include "collectors/kit/attributes.h"
#include "collectors/kit/digits.h"
#include "collectors/kit/joined.h"
#include "collectors/kit/seen_names.h"
#include "core/collector.h"

namespace vitalsd {
namespace {

constexpr std::string_view kClass = "class/drm";
constexpr std::array<std::string_view, 1> kCard = {"card"};
constexpr std::array<std::string_view, 6> kInfoLabels = {"card",      "memory_vendor", "power_performance_level",
                                                         "unique_id", "chip",          "vendor"};

template <Literal File, Literal Name, Literal Help>
constexpr Attribute kNumber{
    joined<File>,
    {joined<"node_drm_", Name>, Kind::gauge, joined<Help>, joined<Name>.ends_with("bytes") ? "bytes" : "", kCard}};
constexpr Family kInfo{"node_drm_card_info", Kind::gauge, "Card information", "", kInfoLabels};
constexpr std::array kNumbers = {
    kNumber<"device/gpu_busy_percent", "gpu_busy_percent", "How busy the GPU is as a percentage.">,
    kNumber<"device/mem_info_gtt_total", "memory_gtt_size_bytes",
            "The size of the graphics translation table (GTT) block in bytes.">,
    kNumber<"device/mem_info_gtt_used", "memory_gtt_used_bytes",
            "The used amount of the graphics translation table (GTT) block in bytes.">,
    kNumber<"device/mem_info_vis_vram_total", "memory_vis_vram_size_bytes", "The size of visible VRAM in bytes.">,
    kNumber<"device/mem_info_vis_vram_used", "memory_vis_vram_used_bytes", "The used amount of visible VRAM in bytes.">,
    kNumber<"device/mem_info_vram_total", "memory_vram_size_bytes", "The size of VRAM in bytes.">,
    kNumber<"device/mem_info_vram_used", "memory_vram_used_bytes", "The used amount of VRAM in bytes.">,
};
constexpr auto kFamilies = family_list<family_total(kInfo, kNumbers)>(kInfo, kNumbers);

// Whether uevent says that the driver is AMD's.
bool is_amd(std::string_view uevent) {
  constexpr std::string_view kDriver = "DRIVER=amdgpu";
  const std::size_t at = uevent.find(kDriver);
  if (at == std::string_view::npos || (at > 0 && uevent[at - 1] != '\n')) return false;
  return at + kDriver.size() == uevent.size() || uevent[at + kDriver.size()] == '\n';
}

class DrmCollector final : public Collector {
 public:
  Result<void> collect(CollectContext& context, Sink& sink) override {
    const FileSource& sysfs = *context.host.sysfs;
    if (const auto listed = sysfs.list(kClass, names_); !listed) return listed;
    if (seen_.changed(names_)) discover(context);
    for (const Card& card : cards_) {
      path_.assign(kClass).append("/").append(card.name);
      take_attribute(vendor_, sysfs, path_, "device/mem_info_vram_vendor", context);
      take_attribute(level_, sysfs, path_, "device/power_dpm_force_performance_level", context);
      take_attribute(id_, sysfs, path_, "device/unique_id", context);
      sink.add(kInfo, {card.name, vendor_, level_, id_, card.chip, "amd"}, 1);
      add_attributes(kNumbers, sysfs, path_, context, sink,
                     sink.labels(kCard, std::array<std::string_view, 1>{card.name}));
    }
    return {};
  }

 private:
  struct Card {
    std::string name;
    std::string chip;  // as hwmon calls it; empty where its place is not known
  };

  void discover(CollectContext& context) {
    const FileSource& sysfs = *context.host.sysfs;
    cards_.clear();
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (number_behind("card", names_[i]).empty()) continue;  // "card0-DP-1" is a connector
      const std::string directory = std::string(kClass) + "/" + std::string(names_[i]);
      const auto uevent = read_attribute(sysfs, directory, "device/uevent", context, Keep::no);
      if (!uevent || !is_amd(*uevent)) continue;
      Card card{.name = std::string(names_[i]), .chip = {}};
      std::string real = directory;
      if (const auto link = sysfs.link(directory, context.buffer)) real = hwmon::resolve(kClass, *link);
      if (const auto device = sysfs.link(directory + "/device", context.buffer))
        card.chip = hwmon::name_of_device(hwmon::resolve(real, *device));
      cards_.push_back(std::move(card));
    }
  }

  Names names_;
  SeenNames seen_;
  std::vector<Card> cards_;
  std::string path_, vendor_, level_, id_;
};

const Registration kRegistration{{.name = "drm",
                                  .enabled = false,
                                  .help = "Load and memory of AMD's graphics cards.",
                                  .families = kFamilies,
                                  .make = make_collector<DrmCollector>}};

}  // namespace
}  // namespace vitalsd
