#include <algorithm>
#include <array>

#include "collectors/formats/net/net_stat.h"
#include "collectors/kit/digits.h"
#include "collectors/kit/joined.h"
#include "core/collector.h"

namespace vitalsd {
namespace {

constexpr std::array<std::string_view, 2> kLabels = {"subsystem", "cpu"};
constexpr std::string_view kDirectory = "net/stat";
constexpr std::size_t kMostFiles = 64;

template <Literal Word>
constexpr Family kCounter{joined<"node_lnstat_", Word, "_total">, Kind::counter, "linux network cache stats", "",
                          kLabels};
// Columns of arp_cache, ndisc_cache (net/core/neighbour.c), nf_conntrack, synproxy and rt_cache (net/ipv4/route.c).
// Names that a newer kernel adds are left out until they are written here.
constexpr std::array kCounters = {
    kCounter<"allocs">,
    kCounter<"chainlength">,
    kCounter<"clashres">,
    kCounter<"delete">,
    kCounter<"delete_list">,
    kCounter<"destroys">,
    kCounter<"drop">,
    kCounter<"early_drop">,
    kCounter<"entries">,
    kCounter<"expect_create">,
    kCounter<"expect_delete">,
    kCounter<"expect_new">,
    kCounter<"forced_gc_runs">,
    kCounter<"found">,
    kCounter<"gc_dst_overflow">,
    kCounter<"gc_goal_miss">,
    kCounter<"gc_ignored">,
    kCounter<"gc_total">,
    kCounter<"hash_grows">,
    kCounter<"hits">,
    kCounter<"icmp_error">,
    kCounter<"ignore">,
    kCounter<"in_brd">,
    kCounter<"in_hit">,
    kCounter<"in_hlist_search">,
    kCounter<"in_martian_dst">,
    kCounter<"in_martian_src">,
    kCounter<"in_no_route">,
    kCounter<"in_slow_mc">,
    kCounter<"in_slow_tot">,
    kCounter<"insert">,
    kCounter<"insert_failed">,
    kCounter<"invalid">,
    kCounter<"lookups">,
    kCounter<"new">,
    kCounter<"out_hit">,
    kCounter<"out_hlist_search">,
    kCounter<"out_slow_mc">,
    kCounter<"out_slow_tot">,
    kCounter<"periodic_gc_runs">,
    kCounter<"rcv_probes_mcast">,
    kCounter<"rcv_probes_ucast">,
    kCounter<"res_failed">,
    kCounter<"search_restart">,
    kCounter<"searched">,
    kCounter<"table_fulls">,
    kCounter<"unresolved_discards">,
    kCounter<"syn_received">,
    kCounter<"cookie_invalid">,
    kCounter<"cookie_valid">,
    kCounter<"cookie_retrans">,
    kCounter<"conn_reopened">,
};
constexpr auto kFamilies = family_list<family_total(kCounters)>(kCounters);

const Family* family_of(std::string_view column) {
  constexpr std::size_t kPrefix = std::string_view("node_lnstat_").size(), kSuffix = std::string_view("_total").size();
  for (const Family& family : kCounters) {
    if (family.name.substr(kPrefix, family.name.size() - kPrefix - kSuffix) == column) return &family;
  }
  return nullptr;
}

class LnstatCollector final : public Collector {
 public:
  Result<void> collect(CollectContext& context, Sink& sink) override {
    if (const auto listed = context.host.procfs->list(kDirectory, files_); !listed) return listed;
    for (std::size_t i = 0; i < files_.size() && i < kMostFiles; ++i) {
      path_.assign(kDirectory).append("/").append(files_[i]);
      const auto text = context.host.procfs->read(path_, context.buffer);
      const auto parsed = text ? net_stat::parse(*text, stat_) : Result<void>(fail(text.error()));
      if (!parsed) {
        if (!is_gone(parsed.error())) context.faults.partial(files_[i], "net/stat", parsed.error(), {});
        continue;
      }
      for (std::size_t cpu = 0; cpu < stat_.cpus(); ++cpu) add_cpu(sink, files_[i], cpu);
    }
    return {};
  }

 private:
  void add_cpu(Sink& sink, std::string_view file, std::size_t cpu) {
    const Digits digits(cpu);
    const std::array<std::string_view, 2> values = {file, digits};
    const LabelId labels = sink.labels(kLabels, values);
    for (std::size_t i = 0; i < stat_.names.size(); ++i) {
      const bool again = std::find(stat_.names.begin(), stat_.names.begin() + static_cast<std::ptrdiff_t>(i),
                                   stat_.names[i]) != stat_.names.begin() + static_cast<std::ptrdiff_t>(i);
      const Family* const family = again ? nullptr : family_of(stat_.names[i]);
      if (family != nullptr) sink.add(*family, labels, static_cast<double>(stat_.at(cpu, i)));
    }
  }

  Names files_;
  std::string path_;
  NetStat stat_;
};

const Registration kRegistration{{.name = "lnstat",
                                  .enabled = false,
                                  .help = "Statistics of the caches of neighbours, routes and connections, by CPU.",
                                  .families = kFamilies,
                                  .make = make_collector<LnstatCollector>}};

}  // namespace
}  // namespace vitalsd
