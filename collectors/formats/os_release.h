// The format of os-release(5): NAME="value", quoted as in a shell.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/faults.h"
#include "core/result.h"

namespace vitalsd {

/// What an operating system declares about itself. Fields that it does not declare are empty.
struct OsRelease {
  std::string build_id, id, id_like, image_id, image_version, name, pretty_name;
  std::string variant, variant_id, version, version_codename, version_id, support_end;

  /// The number at the start of VERSION_ID: 20.04 of "20.04.2". Empty if there is none or it is 0.
  std::optional<double> major_minor() const;
  /// The start of the day SUPPORT_END (YYYY-MM-DD, UTC) in seconds since the epoch. Empty if it is not a date.
  std::optional<double> support_end_seconds() const;
};

namespace os_release {
/// Ignores lines that are not assignments, as the manual demands. A known key with an unclosed quote is a bad line,
/// handled as core/lines.h does.
Result<OsRelease> parse(std::string_view text, FaultSink& faults);
}  // namespace os_release

}  // namespace vitalsd
