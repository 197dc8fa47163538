// Collector `zfs`: what ZFS counts (/proc/spl/kstat/zfs): of the module in a file for each part, of each pool in a
// folder with its I/O, its state and a file for each data set. Names of families are those of the files' lines.
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "collectors/formats/kstat.h"
#include "collectors/kit/attributes.h"
#include "collectors/kit/made_families.h"
#include "core/collector.h"

namespace vitalsd {
namespace {

constexpr std::string_view kRoot = "spl/kstat/zfs";
constexpr std::size_t kMostDatasets = 10'000;
constexpr std::array<std::string_view, 1> kPool = {"zpool"};
constexpr std::array<std::string_view, 2> kDataset = {"zpool", "dataset"};
constexpr std::array<std::string_view, 2> kStateLabels = {"zpool", "state"};
constexpr std::array<std::string_view, 7> kStates = {"online",  "degraded", "faulted",  "offline",
                                                     "removed", "unavail",  "suspended"};

constexpr Family kState{"node_zfs_zpool_state", Kind::gauge, "kstat.zfs.misc.state", "", kStateLabels};
// The names that dashboards and alerts ask for; further ones come from the files.
constexpr std::array kKnown = {
    Family{"node_zfs_arc_size", Kind::untyped, "kstat.zfs.misc.arcstats.size"},
    Family{"node_zfs_arc_c_max", Kind::untyped, "kstat.zfs.misc.arcstats.c_max"},
    Family{"node_zfs_arc_hits", Kind::untyped, "kstat.zfs.misc.arcstats.hits"},
    Family{"node_zfs_arc_misses", Kind::untyped, "kstat.zfs.misc.arcstats.misses"},
    Family{"node_zfs_arc_memory_throttle_count", Kind::untyped, "kstat.zfs.misc.arcstats.memory_throttle_count"},
    Family{"node_zfs_zpool_nread", Kind::untyped, "kstat.zfs.misc.io.nread", "", kPool},
    Family{"node_zfs_zpool_nwritten", Kind::untyped, "kstat.zfs.misc.io.nwritten", "", kPool},
    Family{"node_zfs_zpool_dataset_nread", Kind::untyped, "kstat.zfs.misc.objset.nread", "", kDataset},
    Family{"node_zfs_zpool_dataset_nwritten", Kind::untyped, "kstat.zfs.misc.objset.nwritten", "", kDataset},
};
constexpr auto kFamilies = family_list<family_total(kState, kKnown)>(kState, kKnown);

// A file of the module, and what its families are called after.
struct Part {
  std::string_view file, subsystem;
};
constexpr std::array kParts = {
    Part{"abdstats", "zfs_abd"},
    Part{"arcstats", "zfs_arc"},
    Part{"dbufstats", "zfs_dbuf"},
    Part{"dmu_tx", "zfs_dmu_tx"},
    Part{"dnodestats", "zfs_dnode"},
    Part{"fm", "zfs_fm"},
    Part{"vdev_cache_stats", "zfs_vdev_cache"},
    Part{"vdev_mirror_stats", "zfs_vdev_mirror"},
    Part{"xuio_stats", "zfs_xuio"},
    Part{"zfetchstats", "zfs_zfetch"},
    Part{"zil", "zfs_zil"},
};
constexpr Part kIo{"io", "zfs_zpool"}, kObjset{"objset", "zfs_zpool_dataset"};

class ZfsCollector final : public Collector {
 public:
  Result<void> collect(CollectContext& context, Sink& sink) override {
    const FileSource& procfs = *context.host.procfs;
    if (const auto listed = procfs.directories(kRoot, pools_); !listed) return listed;
    datasets_ = 0;
    made_.keep(sink);
    for (const Part& part : kParts) add_part(part, context, sink);
    for (std::size_t i = 0; i < pools_.size(); ++i) {
      if (context.stop.stop_requested()) return fail(Errc::timed_out, kRoot);
      path_.assign(kRoot).append("/").append(pools_[i]);
      add_pool(pools_[i], context, sink);
    }
    return {};
  }

 private:
  void add_part(const Part& part, CollectContext& context, Sink& sink) {
    path_.assign(kRoot).append("/").append(part.file);
    std::string_view none;
    const auto text = read(context, Keep::yes);
    if (text && settle(kstat::parse(*text, kstats_, none, context.faults), context)) publish(part, kNoLabels, {}, sink);
  }

  void add_pool(std::string_view pool, CollectContext& context, Sink& sink) {
    const FileSource& procfs = *context.host.procfs;
    const std::size_t length = path_.size();
    path_.append("/io");
    if (const auto text = read(context, Keep::yes); text && settle(kstat::parse_io(*text, kstats_), context))
      publish(kIo, sink.labels(kPool, std::array{pool}), kPool, sink);
    path_.resize(length);
    path_.append("/state");
    if (const auto text = read(context, Keep::yes)) add_state(pool, *text, sink);
    path_.resize(length);
    if (!procfs.list(path_, files_)) return;
    for (std::size_t i = 0; i < files_.size() && datasets_ < kMostDatasets; ++i) {
      if (!files_[i].starts_with("objset-")) continue;
      path_.append("/").append(files_[i]);
      add_dataset(pool, context, sink);
      path_.resize(length);
    }
  }

  void add_state(std::string_view pool, std::string_view text, Sink& sink) {
    state_.assign(text.substr(0, text.find('\n')));
    for (char& c : state_) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    for (const std::string_view state : kStates) sink.add(kState, {pool, state}, state == state_ ? 1 : 0);
  }

  void add_dataset(std::string_view pool, CollectContext& context, Sink& sink) {
    std::string_view dataset;
    const auto text = read(context, Keep::no);  // thousands of them would take all that may be kept open
    if (!text || !settle(kstat::parse(*text, kstats_, dataset, context.faults), context)) return;
    ++datasets_;
    publish(kObjset, sink.labels(kDataset, std::array{pool, dataset}), kDataset, sink);
  }

  Result<std::string_view> read(CollectContext& context, Keep keep) {
    const auto text = context.host.procfs->read(path_, context.buffer, keep);
    // Each version of ZFS has some of them, and a pool may go at any time.
    if (!text && !is_gone(text.error())) context.faults.partial(path_, "zfs", text.error(), {});
    return text;
  }

  bool settle(const Result<void>& parsed, CollectContext& context) {
    if (!parsed) context.faults.partial(path_, "zfs", parsed.error(), {});
    return parsed.has_value();
  }

  void publish(const Part& part, LabelId labels, std::span<const std::string_view> names, Sink& sink) {
    for (const Kstat& each : kstats_) {
      if (const Family* family = family_of(part, each.name, names)) sink.add(*family, labels, each.value);
    }
  }

  const Family* family_of(const Part& part, std::string_view name, std::span<const std::string_view> labels) {
    name_.assign("node_").append(part.subsystem).append("_");
    const std::size_t dot = name.rfind('.');
    append_metric_name(name_, dot == std::string_view::npos ? name : name.substr(dot + 1));
    const auto known = std::ranges::find(kKnown, std::string_view(name_), &Family::name);
    if (known != kKnown.end()) return &*known;
    return made_.find(name_, [&] {
      return MadeFamily{std::string("kstat.zfs.misc.").append(part.file).append(".").append(name), Kind::untyped,
                        labels};
    });
  }

  Names pools_, files_;
  std::string path_, name_, state_;
  std::vector<Kstat> kstats_;
  std::size_t datasets_ = 0;
  MadeFamilies made_;
};

const Registration kRegistration{{.name = "zfs",
                                  .help = "Cache, transactions, pools and data sets of ZFS.",
                                  .families = kFamilies,
                                  .make = make_collector<ZfsCollector>}};

}  // namespace
}  // namespace vitalsd
