#include "collectors/formats/net/net_sockstat.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/lines.h"

namespace vitalsd::net_sockstat {
namespace {

constexpr std::array<std::string_view, 6> kStates = {"inuse", "orphan", "tw", "alloc", "mem", "memory"};
constexpr std::size_t kMostStates = 16;  // of one line
constexpr std::size_t kLongestProtocol = 32;

bool is_known(std::string_view protocol, std::string_view state) {
  if (protocol == "sockets") return state == "used";
  return std::ranges::find(kStates, state) != kStates.end();
}

}  // namespace

Result<void> parse(std::string_view text, double page_size, Statistics& out, FaultSink& faults) {
  Lines lines(text, "net/sockstat", faults);
  while (lines.next()) {
    std::string_view protocol = lines->word();
    std::array<std::pair<std::string_view, double>, kMostStates> found;
    std::size_t count = 0;
    if (!protocol.ends_with(':') || protocol.size() < 2 || protocol.size() > kLongestProtocol) lines->set_failed();
    for (auto state = lines->optional_word(); !state.empty() && lines->ok(); state = lines->optional_word()) {
      // A sum over CPUs, which may be negative for a moment.
      const double value = lines->skip_blanks().rest().starts_with('-')
                               ? static_cast<double>(lines->integer<std::int64_t>())
                               : static_cast<double>(lines->integer());
      if (count < found.size()) found[count++] = {state, value};
    }
    if (!lines.keep()) continue;
    protocol.remove_suffix(1);
    for (std::size_t i = 0; i < count; ++i) {
      const auto [state, value] = found[i];
      if (!is_known(protocol, state)) continue;
      out.add(protocol, state, value);
      if (state == "mem") out.add(protocol, state, value * page_size, true);
    }
  }
  return lines.result();
}

}  // namespace vitalsd::net_sockstat
