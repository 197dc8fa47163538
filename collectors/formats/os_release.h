// The format of os-release(5): NAME="value", quoted as a shell would.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/faults.h"
#include "core/result.h"

namespace vitalsd {

/// What an operating system says of itself; empty where it does not.
struct OsRelease {
  std::string build_id, id, id_like, image_id, image_version, name, pretty_name;
  std::string variant, variant_id, version, version_codename, version_id, support_end;

  /// The number that VERSION_ID begins with, as 20.04 of "20.04.2"; empty when it is none or 0.
  std::optional<double> major_minor() const;
  /// The start of the day SUPPORT_END (YYYY-MM-DD, UTC) in seconds since the epoch; empty when it is no date.
  std::optional<double> support_end_seconds() const;
};

namespace os_release {
/// Lines that are not assignments are passed over, as the manual asks; known ones whose quotes do not close are bad
/// lines, as core/lines.h says.
Result<OsRelease> parse(std::string_view text, FaultSink& faults);
}  // namespace os_release

}  // namespace vitalsd
