// The format of pci.ids, the names of PCI devices (https://pci-ids.ucw.cz): vendors, their devices below a tab and
// subsystems below two; then classes behind "C ", their subclasses and programming interfaces.
//   "8086  Intel Corporation\n\t1521  I350 Gigabit Network Connection\n\t\t8086 00a3  Ethernet Network Adapter I350-T4"
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace vitalsd {

/// What to look up, and what was found: names that are not listed stay empty.
struct PciNames {
  std::uint32_t vendor = 0, device = 0, subsystem_vendor = 0, subsystem_device = 0;
  std::uint32_t of_class = 0;  ///< base class, subclass and programming interface, a byte each
  std::string vendor_name = {}, device_name = {}, subsystem_vendor_name = {}, subsystem_device_name = {};
  std::string class_name = {};  ///< of the interface, or the subclass, or the base class
};

namespace pci_ids {
/// Reads the text once for all of them. Lines that make no sense are left out, as there is no more than a name to lose.
void look_up(std::string_view text, std::span<PciNames> wanted);
}  // namespace pci_ids

}  // namespace vitalsd
