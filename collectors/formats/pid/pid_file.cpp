#include "collectors/formats/pid/pid_file.h"

#include "core/scan.h"

namespace vitalsd::pid_file {
namespace {

constexpr std::string_view kFormat = "pid file";
constexpr std::string_view kSpace = " \t\r\n\v\f";

}  // namespace

Result<std::int32_t> parse(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return fail(Errc::malformed, kFormat);
  const std::string_view line = text.substr(0, text.find('\n', first));
  if (line.size() > kLongestLine) return fail(Errc::too_large, kFormat);
  const auto pid = parse_number<std::int32_t>(line.substr(first, line.find_last_not_of(kSpace) - first + 1), kFormat);
  if (!pid) return pid;
  if (*pid < 1 || *pid > kMaxPid) return fail(Errc::malformed, kFormat);
  return pid;
}

}  // namespace vitalsd::pid_file
