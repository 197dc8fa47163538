// SELinux: its mode and its access vector cache (/sys/fs/selinux, security/selinux/selinuxfs.c).
#include <array>
#include <string>

#include "collectors/kit/attributes.h"
#include "core/lines.h"

namespace vitalsd {
namespace {

constexpr Family kEnabled{"node_selinux_enabled", Kind::gauge, "SELinux is enabled, 1 is true, 0 is false"};
constexpr Family kConfigMode{"node_selinux_config_mode", Kind::gauge, "Configured SELinux enforcement mode"};
constexpr Family kCurrentMode{"node_selinux_current_mode", Kind::gauge, "Current SELinux enforcement mode"};
constexpr std::array kCacheStats = {
    Family{"node_selinux_avc_lookups_total", Kind::counter, "SELinux AVC lookups"},
    Family{"node_selinux_avc_hits_total", Kind::counter, "SELinux AVC hits"},
    Family{"node_selinux_avc_misses_total", Kind::counter, "SELinux AVC misses"},
    Family{"node_selinux_avc_allocations_total", Kind::counter, "SELinux AVC allocations"},
    Family{"node_selinux_avc_reclaims_total", Kind::counter, "SELinux AVC reclaims"},
    Family{"node_selinux_avc_frees_total", Kind::counter, "SELinux AVC frees"},
};  // in the order of the columns of avc/cache_stats, which has a line per CPU
constexpr Family kEntries{"node_selinux_avc_hash_entries", Kind::gauge, "SELinux AVC hash entries"};
constexpr Family kBucketsUsed{"node_selinux_avc_hash_buckets_used", Kind::gauge, "SELinux AVC hash buckets used"};
constexpr Family kBuckets{"node_selinux_avc_hash_buckets_available", Kind::gauge, "SELinux AVC hash buckets available"};
constexpr Family kLongest{"node_selinux_avc_hash_longest_chain", Kind::gauge, "SELinux AVC hash longest chain"};
constexpr std::array kThreshold = {
    Attribute{"cache_threshold", {"node_selinux_avc_threshold", Kind::gauge, "SELinux AVC threshold"}}};

constexpr auto kFamilies = family_list<family_total(kEnabled, kConfigMode, kCurrentMode, kEntries, kBucketsUsed,
                                                    kBuckets, kLongest, kThreshold, kCacheStats)>(
    kEnabled, kConfigMode, kCurrentMode, kEntries, kBucketsUsed, kBuckets, kLongest, kThreshold, kCacheStats);

class SelinuxCollector final : public Collector {
 public:
  Result<void> collect(CollectContext& context, Sink& sink) override {
    const FileSource& sysfs = *context.host.sysfs;
    const auto enforcing = sysfs.attribute("fs/selinux/enforce", context.buffer);
    sink.add(kEnabled, enforcing ? 1 : 0);
    if (!enforcing) return {};
    if (*enforcing == "0" || *enforcing == "1") sink.add(kCurrentMode, *enforcing == "1" ? 1 : 0);
    add_config_mode(context, sink);
    add_cache_stats(context, sink);
    add_hash_stats(context, sink);
    add_attributes(kThreshold, sysfs, "fs/selinux/avc", context, sink);
    return {};
  }

 private:
  // Reads "SELINUX=enforcing" in /etc/selinux/config: enforcing is 1, permissive 0, disabled -1.
  static void add_config_mode(CollectContext& context, Sink& sink) {
    const auto text = context.host.rootfs->read("etc/selinux/config", context.buffer);
    if (!text) return;
    for (Scan scan(*text, "selinux/config"); !scan.at_end();) {
      Scan line(scan.line(), "selinux/config");
      if (!line.accept("SELINUX=")) continue;
      const std::string_view mode = line.optional_word();
      sink.add(kConfigMode, mode == "enforcing" ? 1 : mode == "permissive" ? 0 : -1);
      return;
    }
  }

  static void add_cache_stats(CollectContext& context, Sink& sink) {
    const auto text = context.host.sysfs->read("fs/selinux/avc/cache_stats", context.buffer);
    if (!text) return;
    std::array<double, kCacheStats.size()> sums{};
    Lines lines(*text, "avc/cache_stats", context.faults);
    bool lost = false;
    while (lines.next()) {
      if (lines->accept("lookups")) {
        lines.skip();
        continue;
      }
      std::array<double, kCacheStats.size()> row{};
      for (double& value : row) value = static_cast<double>(lines->integer());
      if (!lines.keep()) lost = true;
      for (std::size_t i = 0; i < row.size(); ++i) sums[i] += row[i];
    }
    if (lost || !lines.result()) return;  // a sum without one CPU would be wrong
    for (std::size_t i = 0; i < sums.size(); ++i) sink.add(kCacheStats[i], sums[i]);
  }

  // "entries: 503", "buckets used: 283/512", "longest chain: 7"
  static void add_hash_stats(CollectContext& context, Sink& sink) {
    const auto text = context.host.sysfs->read("fs/selinux/avc/hash_stats", context.buffer);
    if (!text) return;
    Lines lines(*text, "avc/hash_stats", context.faults);
    while (lines.next()) {
      const std::string_view key = lines->until(':');
      const std::string_view value = lines->word();
      const std::size_t slash = value.find('/');
      const auto number = parse_number<std::uint64_t>(value.substr(0, slash), "avc/hash_stats");
      if (!number) lines->set_failed();
      if (!lines.keep(key)) continue;
      if (key == "entries") sink.add(kEntries, static_cast<double>(*number));
      if (key == "longest chain") sink.add(kLongest, static_cast<double>(*number));
      if (key != "buckets used" || slash == std::string_view::npos) continue;
      sink.add(kBucketsUsed, static_cast<double>(*number));
      if (const auto all = parse_number<std::uint64_t>(value.substr(slash + 1), "avc/hash_stats"))
        sink.add(kBuckets, static_cast<double>(*all));
    }
  }
};

const Registration kRegistration{{.name = "selinux",
                                  .help = "SELinux mode and access vector cache.",
                                  .families = kFamilies,
                                  .make = make_collector<SelinuxCollector>}};

}  // namespace
}  // namespace vitalsd
