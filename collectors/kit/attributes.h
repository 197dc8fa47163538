// Reads a table of a device's attribute files (sysfs: one number in each) and adds a sample for each that is there.
//   constexpr std::array kTable = {Attribute{"carrier", {"node_network_carrier", Kind::gauge, "...", {}, kLabels}}};
//   add_attributes(kTable, *context.host.sysfs, "class/net/eth0", context, sink, labels);
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "core/collector.h"

namespace vitalsd {

/// One attribute file of a device, and the family that its number belongs to.
struct Attribute {
  std::string_view file;  ///< relative to the device
  Family family;
  double scale = 1;  ///< from the file's unit to the family's
  int base = 10;     ///< 0: "0x" begins a hexadecimal number, all others are decimal
};

/// The text of one attribute. A device that does not answer (EINVAL, ENODATA, EOPNOTSUPP, ENXIO, EIO, …) or lacks the
/// file is `unavailable`: no fault, the series is absent. Other errors are reported to the context's faults.
Result<std::string_view> read_attribute(const FileSource& source, std::string_view directory, std::string_view file,
                                        CollectContext& context, Keep keep = Keep::yes);

/// The same in `out`, whose memory is reused; empty where it cannot be read, as node_exporter's labels are then.
std::string_view take_attribute(std::string& out, const FileSource& source, std::string_view directory,
                                std::string_view file, CollectContext& context, Keep keep = Keep::yes);

/// The same as a number; text that is no number is reported as a fault of this attribute alone.
Result<double> read_number(const FileSource& source, std::string_view directory, std::string_view file,
                           CollectContext& context, int base = 10, Keep keep = Keep::yes);

/// Adds what can be read of the table. Returns how many samples that were.
std::size_t add_attributes(std::span<const Attribute> table, const FileSource& source, std::string_view directory,
                           CollectContext& context, Sink& sink, LabelId labels = kNoLabels);

/// "directory/file" in `buffer`, whose memory is reused.
std::string_view join_path(std::string& buffer, std::string_view directory, std::string_view file);

}  // namespace vitalsd
