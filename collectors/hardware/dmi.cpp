// The machine's description by its firmware (/sys/class/dmi/id). Only root can read serial numbers; else they are
// absent.
#include <array>
#include <string>

#include "core/collector.h"

namespace vitalsd {
namespace {

struct Label {
  std::string_view name, file;
};
constexpr std::array kTexts = {
    Label{"bios_date", "bios_date"},
    Label{"bios_release", "bios_release"},
    Label{"bios_vendor", "bios_vendor"},
    Label{"bios_version", "bios_version"},
    Label{"board_asset_tag", "board_asset_tag"},
    Label{"board_name", "board_name"},
    Label{"board_serial", "board_serial"},
    Label{"board_vendor", "board_vendor"},
    Label{"board_version", "board_version"},
    Label{"chassis_asset_tag", "chassis_asset_tag"},
    Label{"chassis_serial", "chassis_serial"},
    Label{"chassis_vendor", "chassis_vendor"},
    Label{"chassis_version", "chassis_version"},
    Label{"product_family", "product_family"},
    Label{"product_name", "product_name"},
    Label{"product_serial", "product_serial"},
    Label{"product_sku", "product_sku"},
    Label{"product_uuid", "product_uuid"},
    Label{"product_version", "product_version"},
    Label{"system_vendor", "sys_vendor"},
};
constexpr Family kInfo{
    "node_dmi_info", Kind::gauge,
    "A metric with a constant '1' value labeled by bios_date, bios_release, bios_vendor, bios_version, "
    "board_asset_tag, board_name, board_serial, board_vendor, board_version, chassis_asset_tag, chassis_serial, "
    "chassis_vendor, chassis_version, product_family, product_name, product_serial, product_sku, product_uuid, "
    "product_version, system_vendor if provided by DMI."};
constexpr std::array kFamilies = {&kInfo};

class DmiCollector final : public Collector {
 public:
  Result<void> collect(CollectContext& context, Sink& sink) override {
    if (used_ == 0) read(context);  // nothing changes before the next boot
    if (used_ == 0) return fail(Errc::unavailable, "class/dmi/id");
    std::array<std::string_view, kTexts.size()> values;
    for (std::size_t i = 0; i < used_; ++i) values[i] = texts_[i];
    sink.add(kInfo, sink.labels({labels_.data(), used_}, {values.data(), used_}), 1);
    return {};
  }

 private:
  void read(CollectContext& context) {
    std::string path;
    for (const Label& label : kTexts) {
      path.assign("class/dmi/id/").append(label.file);
      const auto text = context.host.sysfs->attribute(path, context.buffer);
      if (!text) continue;
      labels_[used_] = label.name;
      texts_[used_] = *text;
      while (!texts_[used_].empty() && texts_[used_].back() == ' ') texts_[used_].pop_back();
      ++used_;
    }
  }

  std::array<std::string_view, kTexts.size()> labels_;
  std::array<std::string, kTexts.size()> texts_;
  std::size_t used_ = 0;
};

const Registration kRegistration{{.name = "dmi",
                                  .help = "What the firmware says of the machine.",
                                  .families = kFamilies,
                                  .make = make_collector<DmiCollector>}};

}  // namespace
}  // namespace vitalsd
