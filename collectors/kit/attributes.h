// Reads a table of a device's attribute files (sysfs: one number each) and adds a sample for each that exists.
//   constexpr std::array kTable = {Attribute{"carrier", {"node_network_carrier", Kind::gauge, "...", {}, kLabels}}};
//   add_attributes(kTable, *context.host.sysfs, "class/net/eth0", context, sink, labels);
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "core/collector.h"

namespace vitalsd {

/// One attribute file of a device, and the family of its number.
struct Attribute {
  std::string_view file;  ///< relative to the device
  Family family;
  double scale = 1;  ///< from the file's unit to the family's
  int base = 10;     ///< 0: a number that begins with "0x" is hexadecimal, any other is decimal
};

/// Reads the text of one attribute. It is `unavailable` if the file is missing or the device does not answer (EINVAL,
/// ENODATA, EOPNOTSUPP, ENXIO, EIO, …): no fault, the series is absent. Other errors are reported as faults.
Result<std::string_view> read_attribute(const FileSource& source, std::string_view directory, std::string_view file,
                                        CollectContext& context, Keep keep = Keep::yes);

/// Reads the text of one attribute into `out`. Empty if it cannot be read, as node_exporter's labels are then.
std::string_view take_attribute(std::string& out, const FileSource& source, std::string_view directory,
                                std::string_view file, CollectContext& context, Keep keep = Keep::yes);

/// Reads one attribute as a number. Text that is not a number is reported as a fault of this attribute.
Result<double> read_number(const FileSource& source, std::string_view directory, std::string_view file,
                           CollectContext& context, int base = 10, Keep keep = Keep::yes);

/// Adds a sample for each attribute of the table that can be read. Returns the number of samples.
std::size_t add_attributes(std::span<const Attribute> table, const FileSource& source, std::string_view directory,
                           CollectContext& context, Sink& sink, LabelId labels = kNoLabels);
/// The same for a directory that a collector is all about: an error if nothing of it could be read, the first one that
/// says more than that a file is missing.
Result<void> require_attributes(std::span<const Attribute> table, const FileSource& source, std::string_view directory,
                                CollectContext& context, Sink& sink);

/// Writes "directory/file" to `buffer` and returns it.
std::string_view join_path(std::string& buffer, std::string_view directory, std::string_view file);

}  // namespace vitalsd
