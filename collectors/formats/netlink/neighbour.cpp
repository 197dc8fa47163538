#include "collectors/formats/netlink/neighbour.h"

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>

namespace vitalsd {
namespace {

struct Word {
  std::uint16_t state;
  std::string_view word;
};
constexpr std::array kWords = {
    Word{NUD_INCOMPLETE, "incomplete"}, Word{NUD_REACHABLE, "reachable"}, Word{NUD_STALE, "stale"},
    Word{NUD_DELAY, "delay"},           Word{NUD_PROBE, "probe"},         Word{NUD_FAILED, "failed"},
    Word{NUD_PERMANENT, "permanent"},
};

}  // namespace

bool NeighbourEntry::is_entry() const noexcept { return (state & ~NUD_NOARP) != 0; }

std::string_view NeighbourEntry::state_word() const noexcept {
  const auto found = std::ranges::find(kWords, state, &Word::state);
  return found == kWords.end() ? std::string_view() : found->word;
}

namespace neighbour {

NetlinkRequest request() {
  ndmsg head{};
  head.ndm_family = AF_INET;
  return {NETLINK_ROUTE, RTM_GETNEIGH, head};
}

Result<NeighbourEntry> parse(const NetlinkMessage& message) {
  const auto head = message.head<ndmsg>();
  if (!head || message.type != RTM_NEWNEIGH) return fail(Errc::malformed, "netlink/neighbours");
  return NeighbourEntry{head->ndm_ifindex, head->ndm_state};
}

}  // namespace neighbour
}  // namespace vitalsd
