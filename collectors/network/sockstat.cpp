#include <array>

#include "collectors/formats/net/net_sockstat.h"
#include "collectors/kit/field_families.h"
#include "collectors/kit/joined.h"
#include "core/collector.h"
#include "core/named_families.h"

namespace vitalsd {
namespace {

template <Literal Protocol, Literal State, Literal Unit = "">
constexpr KnownField kState{joined<Protocol, "_", State>,
                            {joined<"node_sockstat_", Protocol, "_", State>, Kind::gauge,
                             joined<"Number of ", Protocol, " sockets in state ", State, ".">, joined<Unit>}};

constexpr std::array kKnown = {
    kState<"FRAG6", "inuse">,
    kState<"FRAG6", "memory">,
    kState<"FRAG", "inuse">,
    kState<"FRAG", "memory">,
    kState<"RAW6", "inuse">,
    kState<"RAW", "inuse">,
    kState<"TCP6", "inuse">,
    kState<"TCP", "alloc">,
    kState<"TCP", "inuse">,
    kState<"TCP", "mem">,
    kState<"TCP", "mem_bytes", "bytes">,
    kState<"TCP", "orphan">,
    kState<"TCP", "tw">,
    kState<"UDP6", "inuse">,
    kState<"UDPLITE6", "inuse">,
    kState<"UDPLITE", "inuse">,
    kState<"UDP", "inuse">,
    kState<"UDP", "mem">,
    kState<"UDP", "mem_bytes", "bytes">,
    KnownField{"sockets_used", {"node_sockstat_sockets_used", Kind::gauge, "Number of IPv4 sockets in use."}},
};
static_assert(std::ranges::is_sorted(kKnown, {}, &KnownField::name));
constexpr auto kFamilies = families_of(kKnown);
constexpr auto kRemembered = families_named(kFamilies, {"node_sockstat_sockets_used"});

// "DCCP_mem_bytes" -> "DCCP sockets in state mem_bytes"
void add_help(std::string& out, std::string_view word) {
  const std::size_t line = word.find('_');
  out.append(word.substr(0, line)).append(" sockets in state ").append(line == word.npos ? "" : word.substr(line + 1));
}

class SockstatCollector final : public Collector {
 public:
  Result<void> collect(CollectContext& context, Sink& sink) override {
    statistics_.clear();
    bool any = false;
    for (const std::string_view path : {"net/sockstat", "net/sockstat6"}) {
      const auto text = context.host.procfs->read(path, context.buffer, Keep::yes);
      if (!text && text.error().code == Errc::unavailable) continue;  // a kernel without IPv4, or without IPv6
      if (!text) return fail(text.error());
      const auto parsed = net_sockstat::parse(*text, context.host.units.pages(1), statistics_, context.faults);
      if (parsed) any = true;
      if (!parsed) context.faults.partial(path, "net/sockstat", parsed.error(), {});
    }
    if (!any) return fail(Errc::unavailable, "net/sockstat");
    families_.publish(statistics_.fields(), sink);
    return {};
  }

 private:
  Statistics statistics_;
  FieldFamilies families_{kKnown, {.prefix = "node_sockstat_", .help_before = "Number of ", .add_help = add_help}};
};

const Registration kRegistration{{.name = "sockstat",
                                  .help = "Sockets in use by protocol, and their memory.",
                                  .families = kFamilies,
                                  .remembered = kRemembered,
                                  .never_waits = true,
                                  .make = make_collector<SockstatCollector>}};

}  // namespace
}  // namespace vitalsd
