// Durations and sizes as people write them in configuration: "1m30s", "500ms", "64Mi", "2k".
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"

namespace vitalsd {

/// A duration as in Prometheus: units y w d h m s ms, in descending order, each once; "0" needs none.
Result<std::chrono::nanoseconds> parse_duration(std::string_view text);
/// The shortest spelling that parse_duration reads back to the same value (in whole milliseconds).
std::string format_duration(std::chrono::nanoseconds duration);

/// A size in bytes: a whole number with k M G T (powers of 1000), Ki Mi Gi Ti (powers of 1024), or none.
Result<std::uint64_t> parse_size(std::string_view text);

/// A number of CPU cores as Kubernetes writes it: "250m" (thousandths), "0.25", "2".
Result<double> parse_cores(std::string_view text);

}  // namespace vitalsd
