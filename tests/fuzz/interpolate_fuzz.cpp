// Any text is expanded or rejected within the limit. Text without a dollar is unchanged; doubled dollars become single.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "daemon/config/interpolate.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using vitalsd::conf::interpolate;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const vitalsd::conf::Environment environment = {{"A", "one"}, {"B", ""}, {"C", std::string(10'000, 'c')}};
  const auto result = interpolate(text, environment);
  if (result ? result->size() > vitalsd::conf::kExpandedLimit : result.error().empty()) std::abort();
  if (size > vitalsd::conf::kExpandedLimit) return 0;
  std::string doubled;
  for (const char c : text) doubled.append(c == '$' ? 2 : 1, c);
  if (interpolate(doubled, environment) != std::string(text)) std::abort();
  return 0;
}
