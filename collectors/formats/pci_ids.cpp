#include "collectors/formats/pci_ids.h"

#include <optional>

#include "core/scan.h"

namespace vitalsd::pci_ids {
namespace {

struct Line {
  std::size_t depth = 0;  // of tabs
  bool of_class = false;
  std::uint32_t id = 0, second = 0;  // the second of a subsystem
  std::string_view name;
};

// "8086 00a3  Ethernet Network Adapter": hexadecimal numbers, two blanks, a name.
std::optional<Line> read_line(std::string_view text) {
  Line line;
  while (line.depth < 2 && text.starts_with('\t')) {
    ++line.depth;
    text.remove_prefix(1);
  }
  line.of_class = line.depth == 0 && text.starts_with("C ");
  if (line.of_class) text.remove_prefix(2);
  const std::size_t gap = text.find("  ");
  if (text.starts_with('#') || gap == std::string_view::npos) return std::nullopt;
  line.name = text.substr(gap + 2);
  while (line.name.ends_with('\r') || line.name.ends_with(' ')) line.name.remove_suffix(1);
  Scan ids(text.substr(0, gap), "pci.ids");
  line.id = ids.integer<std::uint32_t>(16);
  if (!ids.skip_blanks().at_end()) line.second = ids.integer<std::uint32_t>(16);
  if (!ids.ok()) return std::nullopt;
  return line;
}

struct Place {
  bool of_class = false;
  std::uint32_t first = 0, second = 0;  // vendor and device, or class and subclass
};

void match_class(const Line& line, const Place& place, PciNames& names) {
  const std::uint32_t base = names.of_class >> 16U, sub = names.of_class >> 8U & 0xFFU,
                      interface = names.of_class & 0xFFU;
  if (place.first != base) return;
  // The lines come from the general to the special.
  const bool fits = line.depth == 0 || (line.depth == 1 && line.id == sub) ||
                    (line.depth == 2 && place.second == sub && line.id == interface);
  if (fits) names.class_name = line.name;
}

void match_device(const Line& line, const Place& place, PciNames& names) {
  if (line.depth == 0 && line.id == names.vendor) names.vendor_name = line.name;
  if (line.depth == 0 && line.id == names.subsystem_vendor) names.subsystem_vendor_name = line.name;
  if (line.depth == 0 || place.first != names.vendor) return;
  if (line.depth == 1 && line.id == names.device) names.device_name = line.name;
  if (line.depth == 2 && place.second == names.device && line.id == names.subsystem_vendor &&
      line.second == names.subsystem_device)
    names.subsystem_device_name = line.name;
}

}  // namespace

void look_up(std::string_view text, std::span<PciNames> wanted) {
  Place place;
  for (Scan scan(text, "pci.ids"); !scan.at_end();) {
    const auto line = read_line(scan.line());
    if (!line) continue;
    if (line->depth == 0) place = {.of_class = line->of_class, .first = line->id};
    if (line->depth == 1) place.second = line->id;
    for (PciNames& names : wanted) {
      if (place.of_class) {
        match_class(*line, place, names);
      } else {
        match_device(*line, place, names);
      }
    }
  }
}

}  // namespace vitalsd::pci_ids
