// Collector `bcache`: caches of block devices (/sys/fs/bcache/UUID, Documentation/admin-guide/bcache.rst).
#include <algorithm>
#include <array>
#include <span>
#include <string>

#include "collectors/formats/human_size.h"
#include "collectors/kit/attributes.h"
#include "collectors/kit/digits.h"
#include "collectors/kit/joined.h"
#include "core/lines.h"

namespace vitalsd {
namespace {

constexpr std::string_view kRoot = "fs/bcache";
constexpr std::size_t kMostSets = 1024;
constexpr std::array<std::string_view, 1> kUuid = {"uuid"};
constexpr std::array<std::string_view, 2> kBacking = {"uuid", "backing_device"};
constexpr std::array<std::string_view, 2> kCache = {"uuid", "cache_device"};

// A file of one number, or a line that begins with `key`.
struct Value {
  std::string_view key;
  Family family;
  double scale = 1;
  bool zero_is_nothing = false;
};
template <Literal Key, Literal Name, Literal Help, const auto& Labels, Kind OfKind = Kind::gauge>
constexpr Value kValue{
    joined<Key>,
    {joined<"node_bcache_", Name>, OfKind, joined<Help>,
     joined<Name>.ends_with("bytes") || joined<Name>.ends_with("bytes_total") ? "bytes" : "", Labels}};

constexpr Value scaled(Value value, double scale) {
  value.scale = scale;
  return value;
}

constexpr std::array kOfSet = {
    kValue<"average_key_size", "average_key_size_sectors", "Average data per key in the btree (sectors).", kUuid>,
    kValue<"btree_cache_size", "btree_cache_size_bytes", "Amount of memory currently used by the btree cache.", kUuid>,
    kValue<"cache_available_percent", "cache_available_percent",
           "Percentage of cache device without dirty data, usable for writeback (may contain clean cached data).",
           kUuid>,
    kValue<"congested", "congested", "Congestion.", kUuid>,
    kValue<"root_usage_percent", "root_usage_percent",
           "Percentage of the root btree node in use (tree depth increases if too high).", kUuid>,
    kValue<"tree_depth", "tree_depth", "Depth of the btree.", kUuid>,
    kValue<"internal/active_journal_entries", "active_journal_entries",
           "Number of journal entries that are newer than the index.", kUuid>,
    kValue<"internal/btree_nodes", "btree_nodes", "Total nodes in the btree.", kUuid>,
    // node_exporter takes the file's microseconds for nanoseconds, and so this name means.
    scaled(kValue<"internal/btree_read_average_duration_us", "btree_read_average_duration_seconds",
                  "Average btree read duration.", kUuid>,
           1e-9),
    kValue<"internal/cache_read_races", "cache_read_races_total",
           "Counts instances where while data was being read from the cache, the bucket was reused and invalidated - "
           "i.e. where the pointer was stale after the read completed.",
           kUuid, Kind::counter>,
};
constexpr Value kReadaheads = [] {
  Value value = kValue<"stats_total/cache_readaheads", "cache_readaheads_total", "Count of times readahead occurred.",
                       kBacking, Kind::counter>;
  value.zero_is_nothing = true;  // newer kernels do not count them
  return value;
}();
constexpr std::array kOfBacking = {
    kValue<"dirty_data", "dirty_data_bytes", "Amount of dirty data for this backing device in the cache.", kBacking>,
    kValue<"stats_total/bypassed", "bypassed_bytes_total",
           "Amount of IO (both reads and writes) that has bypassed the cache.", kBacking, Kind::counter>,
    kValue<"stats_total/cache_hits", "cache_hits_total", "Hits counted per individual IO as bcache sees them.",
           kBacking, Kind::counter>,
    kValue<"stats_total/cache_misses", "cache_misses_total", "Misses counted per individual IO as bcache sees them.",
           kBacking, Kind::counter>,
    kValue<"stats_total/cache_bypass_hits", "cache_bypass_hits_total", "Hits for IO intended to skip the cache.",
           kBacking, Kind::counter>,
    kValue<"stats_total/cache_bypass_misses", "cache_bypass_misses_total", "Misses for IO intended to skip the cache.",
           kBacking, Kind::counter>,
    kValue<"stats_total/cache_miss_collisions", "cache_miss_collisions_total",
           "Instances where data insertion from cache miss raced with write (data already present).", kBacking,
           Kind::counter>,
    kReadaheads,
};
constexpr std::array kOfWriteback = {
    kValue<"target:", "dirty_target_bytes", "Current dirty data target threshold for this backing device in bytes.",
           kBacking>,
    kValue<"rate:", "writeback_rate", "Current writeback rate for this backing device in bytes.", kBacking>,
    kValue<"proportional:", "writeback_rate_proportional_term",
           "Current result of proportional controller, part of writeback rate", kBacking>,
    kValue<"integral:", "writeback_rate_integral_term", "Current result of integral controller, part of writeback rate",
           kBacking>,
    kValue<"change:", "writeback_change", "Last writeback rate change step for this backing device.", kBacking>,
};
constexpr std::array kOfCache = {
    kValue<"io_errors", "io_errors", "Number of errors that have occurred, decayed by io_error_halflife.", kCache>,
    kValue<"metadata_written", "metadata_written_bytes_total",
           "Sum of all non data writes (btree writes and all other metadata).", kCache, Kind::counter>,
    kValue<"written", "written_bytes_total", "Sum of all data that has been written to the cache.", kCache,
           Kind::counter>,
};
constexpr std::array kOfPriority = {
    kValue<"Unused:", "priority_stats_unused_percent", "The percentage of the cache that doesn't contain any data.",
           kCache>,
    kValue<"Metadata:", "priority_stats_metadata_percent", "Bcache's metadata overhead.", kCache>,
};
constexpr auto kFamilies = family_list<family_total(kOfSet, kOfBacking, kOfWriteback, kOfCache, kOfPriority)>(
    kOfSet, kOfBacking, kOfWriteback, kOfCache, kOfPriority);

constexpr std::array kOptions = {
    OptionSpec{"priority_stats", OptionType::boolean, "false",
               "Report priority_stats, too, for which the kernel sorts all buckets of the cache."},
};

class BcacheCollector final : public Collector {
 public:
  explicit BcacheCollector(const Options& options) : priority_stats_(options.flag("priority_stats")) {}

  Result<void> collect(CollectContext& context, Sink& sink) override {
    const FileSource& sysfs = *context.host.sysfs;
    if (const auto listed = sysfs.directories(kRoot, sets_); !listed) return listed;
    for (std::size_t i = 0; i < sets_.size() && i < kMostSets; ++i) {
      if (context.stop.stop_requested()) return fail(Errc::timed_out, kRoot);
      const std::string_view uuid = sets_[i];
      if (!uuid.contains('-')) continue;
      path_.assign(kRoot).append("/").append(uuid);
      add_files(kOfSet, sink.labels(kUuid, std::array{uuid}), context, sink);
      if (!sysfs.list(path_, devices_)) continue;
      const std::size_t length = path_.size();
      for (std::size_t k = 0; k < devices_.size(); ++k) {
        path_.append("/").append(devices_[k]);
        add_device(uuid, devices_[k], context, sink);
        path_.resize(length);
      }
    }
    return {};
  }

 private:
  void add_device(std::string_view uuid, std::string_view device, CollectContext& context, Sink& sink) {
    if (!number_behind("bdev", device).empty()) {
      const LabelId labels = sink.labels(kBacking, std::array{uuid, device});
      add_files(kOfBacking, labels, context, sink);
      add_lines(kOfWriteback, "writeback_rate_debug", labels, context, sink);
    } else if (!number_behind("cache", device).empty()) {
      const LabelId labels = sink.labels(kCache, std::array{uuid, device});
      add_files(kOfCache, labels, context, sink);
      if (priority_stats_) add_lines(kOfPriority, "priority_stats", labels, context, sink);
    }
  }

  void add_files(std::span<const Value> values, LabelId labels, CollectContext& context, Sink& sink) {
    for (const Value& value : values) {
      const auto text = read_attribute(*context.host.sysfs, path_, value.key, context);
      if (!text) continue;
      const auto size = human_size::of_bcache(*text);
      if (!size) {
        context.faults.partial(path_, value.key, size.error(), {});
      } else if (*size != 0 || !value.zero_is_nothing) {
        sink.add(value.family, labels, *size * value.scale);
      }
    }
  }

  // Of "rate:           1.1M/sec" and "Unused:         99%".
  void add_lines(std::span<const Value> values, std::string_view file, LabelId labels, CollectContext& context,
                 Sink& sink) {
    const auto text = read_attribute(*context.host.sysfs, path_, file, context);
    if (!text) return;
    Lines lines(*text, "bcache", context.faults);
    while (lines.next()) {
      const std::string_view key = lines->word();
      const auto value = std::ranges::find(values, key, &Value::key);
      if (value == values.end()) {
        lines.skip();
        continue;
      }
      std::string_view word = lines->word();
      for (const std::string_view unit : {"/sec", "%"}) {
        if (word.ends_with(unit)) word.remove_suffix(unit.size());
      }
      const auto size = human_size::of_bcache(word);
      if (!size) lines->set_failed();
      if (lines.keep(key)) sink.add(value->family, labels, *size);
    }
  }

  bool priority_stats_;
  Names sets_, devices_;
  std::string path_;
};

const Registration kRegistration{{.name = "bcache",
                                  .help = "Hits, writeback and devices of bcache.",
                                  .options = kOptions,
                                  .families = kFamilies,
                                  .make = make_configured<BcacheCollector>}};

}  // namespace
}  // namespace vitalsd
