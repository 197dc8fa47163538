// Durations and sizes as people write them in configuration: "1m30s", "500ms", "64Mi", "2k".
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"

namespace vitalsd {

/// Parses a duration as Prometheus does: units y w d h m s ms in descending order, each at most once; "0" needs none.
Result<std::chrono::nanoseconds> parse_duration(std::string_view text);
/// The shortest spelling that parse_duration() reads back as the same value (in whole milliseconds).
std::string format_duration(std::chrono::nanoseconds duration);

/// Parses a size in bytes: a whole number with k M G T (powers of 1000), Ki Mi Gi Ti (powers of 1024), or no unit.
Result<std::uint64_t> parse_size(std::string_view text);

/// Parses a number of CPU cores as Kubernetes writes it: "250m" (thousandths), "0.25", "2".
Result<double> parse_cores(std::string_view text);

}  // namespace vitalsd
