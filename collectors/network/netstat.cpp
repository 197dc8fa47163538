#include <array>

#include "collectors/formats/net/net_netstat.h"
#include "collectors/kit/field_families.h"
#include "collectors/kit/joined.h"
#include "collectors/kit/pattern.h"
#include "core/collector.h"

namespace vitalsd {
namespace {

template <Literal Protocol, Literal Word>
constexpr KnownField kStatistic{
    joined<Protocol, "_", Word>,
    {joined<"node_netstat_", Protocol, "_", Word>, Kind::untyped, joined<"Statistic ", Protocol, Word, ".">}};

// What the default pattern takes, and what known dashboards ask for beyond it.
constexpr std::array kKnown = {
    kStatistic<"Icmp6", "InErrors">,
    kStatistic<"Icmp6", "InMsgs">,
    kStatistic<"Icmp6", "OutMsgs">,
    kStatistic<"Icmp", "InErrors">,
    kStatistic<"Icmp", "InMsgs">,
    kStatistic<"Icmp", "OutMsgs">,
    kStatistic<"Ip6", "InOctets">,
    kStatistic<"Ip6", "OutOctets">,
    kStatistic<"IpExt", "InOctets">,
    kStatistic<"IpExt", "OutOctets">,
    kStatistic<"Ip", "Forwarding">,
    kStatistic<"TcpExt", "ListenDrops">,
    kStatistic<"TcpExt", "ListenOverflows">,
    kStatistic<"TcpExt", "SyncookiesFailed">,
    kStatistic<"TcpExt", "SyncookiesRecv">,
    kStatistic<"TcpExt", "SyncookiesSent">,
    kStatistic<"TcpExt", "TCPOFOQueue">,
    kStatistic<"TcpExt", "TCPRcvQDrop">,
    kStatistic<"TcpExt", "TCPSynRetrans">,
    kStatistic<"TcpExt", "TCPTimeouts">,
    kStatistic<"Tcp", "ActiveOpens">,
    kStatistic<"Tcp", "CurrEstab">,
    kStatistic<"Tcp", "InErrs">,
    kStatistic<"Tcp", "InSegs">,
    kStatistic<"Tcp", "MaxConn">,
    kStatistic<"Tcp", "OutRsts">,
    kStatistic<"Tcp", "OutSegs">,
    kStatistic<"Tcp", "PassiveOpens">,
    kStatistic<"Tcp", "RetransSegs">,
    kStatistic<"Udp6", "InDatagrams">,
    kStatistic<"Udp6", "InErrors">,
    kStatistic<"Udp6", "NoPorts">,
    kStatistic<"Udp6", "OutDatagrams">,
    kStatistic<"Udp6", "RcvbufErrors">,
    kStatistic<"Udp6", "SndbufErrors">,
    kStatistic<"UdpLite6", "InErrors">,
    kStatistic<"UdpLite", "InErrors">,
    kStatistic<"Udp", "InDatagrams">,
    kStatistic<"Udp", "InErrors">,
    kStatistic<"Udp", "NoPorts">,
    kStatistic<"Udp", "OutDatagrams">,
    kStatistic<"Udp", "RcvbufErrors">,
    kStatistic<"Udp", "SndbufErrors">,
};
static_assert(std::ranges::is_sorted(kKnown, {}, &KnownField::name));
constexpr auto kFamilies = families_of(kKnown);

constexpr std::array kOptions = {
    OptionSpec{
        "fields", OptionType::regex,
        "^(.*_(InErrors|InErrs)|Ip_Forwarding|Ip(6|Ext)_(InOctets|OutOctets)|Icmp6?_(InMsgs|OutMsgs)|TcpExt_("
        "Listen.*|Syncookies.*|TCPSynRetrans|TCPTimeouts|TCPOFOQueue|TCPRcvQDrop)|Tcp_(ActiveOpens|InSegs|OutSegs|"
        "OutRsts|PassiveOpens|RetransSegs|CurrEstab)|Udp6?_(InDatagrams|OutDatagrams|NoPorts|RcvbufErrors|"
        "SndbufErrors))$",
        "Which statistics to report, as PROTOCOL_NAME."},
};

// "TcpExt_ListenDrops" -> "TcpExtListenDrops"
void add_help(std::string& out, std::string_view word) {
  const std::size_t line = word.find('_');
  out.append(word.substr(0, line)).append(line == word.npos ? "" : word.substr(line + 1));
}

class NetstatCollector final : public Collector {
 public:
  explicit NetstatCollector(const Options& options)
      : families_(
            kKnown,
            {.prefix = "node_netstat_", .help_before = "Statistic ", .kind = Kind::untyped, .add_help = add_help},
            [pattern = Pattern("fields", options.text("fields"))](std::string_view n) { return pattern.found_in(n); }) {
  }

  Result<void> collect(CollectContext& context, Sink& sink) override {
    statistics_.clear();
    bool any = false;
    for (const Source& source : kSources) {
      const auto text = context.host.procfs->read(source.path, context.buffer, Keep::yes);
      if (!text && text.error().code == Errc::unavailable) continue;  // a kernel without IPv6
      if (!text) return fail(text.error());
      const auto parsed = source.parse(*text, statistics_, context.faults);
      if (parsed) any = true;
      if (!parsed) context.faults.partial(source.path, "net/netstat", parsed.error(), {});
    }
    if (!any) return fail(Errc::unavailable, "net/netstat");
    families_.publish(statistics_.fields(), sink);
    return {};
  }

 private:
  struct Source {
    std::string_view path;
    Result<void> (*parse)(std::string_view, Statistics&, FaultSink&);
  };
  static constexpr std::array kSources = {Source{"net/netstat", net_netstat::parse},
                                          Source{"net/snmp", net_netstat::parse},
                                          Source{"net/snmp6", net_netstat::parse_snmp6}};

  Statistics statistics_;
  FieldFamilies families_;
};

const Registration kRegistration{{.name = "netstat",
                                  .help = "Statistics of the network protocols, as of netstat -s.",
                                  .options = kOptions,
                                  .families = kFamilies,
                                  .never_waits = true,
                                  .make = make_configured<NetstatCollector>}};

}  // namespace
}  // namespace vitalsd
