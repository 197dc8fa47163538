#include "collectors/formats/cpu_list.h"

#include "core/scan.h"

namespace vitalsd::cpu_list {

Result<void> parse(std::string_view text, std::vector<std::uint32_t>& out) {
  constexpr std::string_view kFormat = "cpu list";
  out.clear();
  if (text.ends_with('\n')) text.remove_suffix(1);
  while (!text.empty()) {
    const std::string_view range = text.substr(0, text.find(','));
    text.remove_prefix(range.size());
    if (text == ",") return fail(Errc::malformed, kFormat);
    if (!text.empty()) text.remove_prefix(1);

    const std::size_t dash = range.find('-');
    const auto first = parse_number<std::uint32_t>(range.substr(0, dash), kFormat);
    const auto last =
        dash == std::string_view::npos ? first : parse_number<std::uint32_t>(range.substr(dash + 1), kFormat);
    if (!first || !last || *first > *last || *last >= kLimit) return fail(Errc::malformed, kFormat);
    if (!out.empty() && *first <= out.back()) return fail(Errc::malformed, kFormat);
    for (std::uint32_t cpu = *first; cpu <= *last; ++cpu) out.push_back(cpu);
  }
  return {};
}

}  // namespace vitalsd::cpu_list
