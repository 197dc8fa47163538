// Times of alerts as APIs show them.
#pragma once

#include <cstdint>
#include <string>

namespace vitalsd {

/// "2026-11-28T13:52:54.123Z".
std::string rfc3339(std::int64_t unix_ms);

}  // namespace vitalsd
