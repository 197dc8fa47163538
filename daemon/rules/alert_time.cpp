#include "daemon/rules/alert_time.h"

#include <array>
#include <cstdio>
#include <ctime>

namespace vitalsd {

std::string rfc3339(std::int64_t unix_ms) {
  constexpr std::int64_t kSecond = 1000;
  if (unix_ms <= 0) return "0001-01-01T00:00:00Z";  // as Go prints no time
  const std::time_t time = unix_ms / kSecond;
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  std::array<char, 64> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", parts.tm_year + 1900,
                parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                static_cast<int>(unix_ms % kSecond));
  return buffer.data();
}

}  // namespace vitalsd
