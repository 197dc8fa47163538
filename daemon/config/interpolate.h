// Expands ${NAME}, ${NAME:-default} and ${NAME:?why it is needed} in the strings of the configuration file.
//   interpolate("/data/${POD:-none}", {})  ->  "/data/none";  "$$" is a dollar, a lone "$x" stays as it is
#pragma once

#include <cstddef>
#include <expected>
#include <map>
#include <string>
#include <string_view>

namespace vitalsd::conf {

using Environment = std::map<std::string, std::string, std::less<>>;

/// The limit of one expanded string, in bytes.
inline constexpr std::size_t kExpandedLimit = 64U << 10U;

/// The expanded text, or one line that says what is wrong with it. A default is itself expanded, but only when it is
/// used. A variable that is set but empty counts as set for ${NAME}, and as missing for `:-` and `:?`.
std::expected<std::string, std::string> interpolate(std::string_view text, const Environment& environment);

}  // namespace vitalsd::conf
