// Collector `bcachefs`: counters, compression, errors and devices of bcachefs file systems (/sys/fs/bcachefs/UUID).
#include <array>
#include <string>
#include <vector>

#include "collectors/formats/bcachefs_files.h"
#include "collectors/formats/human_size.h"
#include "collectors/kit/attributes.h"
#include "collectors/kit/joined.h"
#include "collectors/kit/made_families.h"
#include "core/collector.h"

namespace vitalsd {
namespace {

constexpr std::string_view kRoot = "fs/bcachefs";
constexpr std::size_t kMostVolumes = 256;
constexpr std::array<std::string_view, 1> kUuid = {"uuid"};
constexpr std::array<std::string_view, 2> kAlgorithm = {"uuid", "algorithm"};
constexpr std::array<std::string_view, 2> kErrorType = {"uuid", "error_type"};
constexpr std::array<std::string_view, 2> kWriteType = {"uuid", "type"};
constexpr std::array<std::string_view, 2> kDevice = {"uuid", "device"};
constexpr std::array<std::string_view, 4> kDeviceInfoLabels = {"uuid", "device", "label", "state"};
constexpr std::array<std::string_view, 4> kIoLabels = {"uuid", "device", "operation", "data_type"};
constexpr std::array<std::string_view, 3> kIoErrorLabels = {"uuid", "device", "type"};

template <Literal Name, Literal Help, const auto& Labels, Kind OfKind = Kind::gauge>
constexpr Family kFamily{joined<"node_bcachefs_", Name>, OfKind, joined<Help>,
                         joined<Name>.ends_with("bytes") || joined<Name>.ends_with("bytes_total") ? "bytes" : "",
                         Labels};

constexpr Family kInfo = kFamily<"info", "Filesystem information.", kUuid>;
constexpr Family kBtreeCache = kFamily<"btree_cache_size_bytes", "Btree cache memory usage in bytes.", kUuid>;
constexpr Family kCompressed = kFamily<"compression_compressed_bytes", "Compressed size by algorithm.", kAlgorithm>;
constexpr Family kUncompressed =
    kFamily<"compression_uncompressed_bytes", "Uncompressed size by algorithm.", kAlgorithm>;
constexpr Family kErrors = kFamily<"errors_total", "Error count by error type.", kErrorType, Kind::counter>;
constexpr Family kWrites = kFamily<"btree_writes_total", "Number of btree writes by type.", kWriteType, Kind::counter>;
constexpr Family kWriteSize =
    kFamily<"btree_write_average_size_bytes", "Average btree write size by type.", kWriteType>;
constexpr Family kDeviceInfo = kFamily<"device_info", "Device information.", kDeviceInfoLabels>;
constexpr Family kBucketSize = kFamily<"device_bucket_size_bytes", "Bucket size in bytes.", kDevice>;
constexpr std::array kDeviceNumbers = {
    Attribute{"nbuckets", kFamily<"device_buckets", "Total number of buckets.", kDevice>},
    Attribute{"durability", kFamily<"device_durability", "Device durability setting.", kDevice>},
};
constexpr Family kIoDone =
    kFamily<"device_io_done_bytes_total", "IO bytes by operation type and data type.", kIoLabels, Kind::counter>;
constexpr Family kIoErrors =
    kFamily<"device_io_errors_total", "IO errors by error type.", kIoErrorLabels, Kind::counter>;
constexpr auto kFamilies =
    family_list<family_total(kInfo, kBtreeCache, kCompressed, kUncompressed, kErrors, kWrites, kWriteSize, kDeviceInfo,
                             kBucketSize, kDeviceNumbers, kIoDone, kIoErrors)>(
        kInfo, kBtreeCache, kCompressed, kUncompressed, kErrors, kWrites, kWriteSize, kDeviceInfo, kBucketSize,
        kDeviceNumbers, kIoDone, kIoErrors);

class BcachefsCollector final : public Collector {
 public:
  Result<void> collect(CollectContext& context, Sink& sink) override {
    if (const auto listed = context.host.sysfs->directories(kRoot, volumes_); !listed) return listed;
    if (volumes_.size() == 0) return fail(Errc::unavailable, kRoot);
    made_.keep(sink);
    for (std::size_t i = 0; i < volumes_.size() && i < kMostVolumes; ++i) {
      if (context.stop.stop_requested()) return fail(Errc::timed_out, kRoot);
      path_.assign(kRoot).append("/").append(volumes_[i]);
      add_volume(volumes_[i], context, sink);
    }
    return {};
  }

 private:
  using Parse = Result<void> (*)(std::string_view, std::vector<BcachefsRow>&, FaultSink&);

  void add_volume(std::string_view uuid, CollectContext& context, Sink& sink) {
    using namespace bcachefs_files;
    const LabelId labels = sink.labels(kUuid, std::array{uuid});
    sink.add(kInfo, labels, 1);
    add_size(kBtreeCache, "btree_cache_size", labels, context, sink);
    for (const BcachefsRow& row : read_rows("compression_stats", parse_compression, context)) {
      const LabelId of_row = sink.labels(kAlgorithm, std::array{uuid, row.name});
      sink.add(kCompressed, of_row, row.first);
      sink.add(kUncompressed, of_row, row.second);
    }
    for (const BcachefsRow& row : read_rows("errors", parse_errors, context))
      sink.add(kErrors, {uuid, row.name}, row.first);
    for (const BcachefsRow& row : read_rows("btree_write_stats", parse_writes, context)) {
      const LabelId of_row = sink.labels(kWriteType, std::array{uuid, row.name});
      sink.add(kWrites, of_row, row.first);
      sink.add(kWriteSize, of_row, row.second);
    }
    add_counters(labels, context, sink);
    const std::size_t length = path_.size();
    if (!context.host.sysfs->directories(path_, devices_)) return;
    for (std::size_t i = 0; i < devices_.size(); ++i) {
      constexpr std::string_view kPrefix = "dev-";
      if (!devices_[i].starts_with(kPrefix)) continue;
      path_.append("/").append(devices_[i]);
      add_device(uuid, devices_[i].substr(kPrefix.size()), context, sink);
      path_.resize(length);
    }
  }

  // A file for each, some hundred: they are not kept open.
  void add_counters(LabelId labels, CollectContext& context, Sink& sink) {
    const std::size_t length = path_.size();
    path_.append("/counters");
    const bool listed = context.host.sysfs->list(path_, counters_).has_value();
    for (std::size_t i = 0; listed && i < counters_.size(); ++i) {
      const std::string_view counter = counters_[i];
      const auto text = read_attribute(*context.host.sysfs, path_, counter, context, Keep::no);
      if (!text) continue;
      const auto value = bcachefs_files::parse_counter(*text);
      if (!value) {
        context.faults.partial(counter, "counters", value.error(), {});
      } else if (const Family* family = family_of(counter)) {
        sink.add(*family, labels, *value);
      }
    }
    path_.resize(length);
  }

  const Family* family_of(std::string_view counter) {
    name_ = "node_bcachefs_";
    append_metric_name(name_, counter);
    name_ += "_total";
    return made_.find(name_, [counter] {
      return MadeFamily{std::string("Bcachefs counter ").append(counter).append(" since filesystem creation."),
                        Kind::counter, kUuid};
    });
  }

  void add_device(std::string_view uuid, std::string_view device, CollectContext& context, Sink& sink) {
    using namespace bcachefs_files;
    const FileSource& sysfs = *context.host.sysfs;
    take_attribute(label_, sysfs, path_, "label", context);
    take_attribute(state_, sysfs, path_, "state", context);
    state_.resize(state_.find_last_not_of(' ') + 1);
    sink.add(kDeviceInfo, {uuid, device, label_, state_}, 1);
    const LabelId labels = sink.labels(kDevice, std::array{uuid, device});
    add_size(kBucketSize, "bucket_size", labels, context, sink);
    add_attributes(kDeviceNumbers, sysfs, path_, context, sink, labels);
    for (const BcachefsRow& row : read_rows("io_done", parse_io_done, context))
      sink.add(kIoDone, {uuid, device, row.operation, row.name}, row.first);
    for (const BcachefsRow& row : read_rows("io_errors", parse_io_errors, context))
      sink.add(kIoErrors, {uuid, device, row.name}, row.first);
  }

  void add_size(const Family& family, std::string_view file, LabelId labels, CollectContext& context, Sink& sink) {
    const auto text = read_attribute(*context.host.sysfs, path_, file, context);
    if (!text) return;
    const auto size = human_size::of_bcachefs(*text);
    if (size) {
      sink.add(family, labels, *size);
    } else {
      context.faults.partial(path_, file, size.error(), {});
    }
  }

  // Of a file below path_; none where it cannot be read. Views into the context's buffer.
  const std::vector<BcachefsRow>& read_rows(std::string_view file, Parse parse, CollectContext& context) {
    rows_.clear();
    const auto text = read_attribute(*context.host.sysfs, path_, file, context);
    if (!text) return rows_;
    if (const auto parsed = parse(*text, rows_, context.faults); !parsed)
      context.faults.partial(path_, file, parsed.error(), {});
    return rows_;
  }

  Names volumes_, devices_, counters_;
  std::string path_, name_, label_, state_;
  std::vector<BcachefsRow> rows_;
  MadeFamilies made_;
};

const Registration kRegistration{{.name = "bcachefs",
                                  .help = "Counters, compression, errors and devices of bcachefs file systems.",
                                  .families = kFamilies,
                                  .make = make_collector<BcachefsCollector>}};

}  // namespace
}  // namespace vitalsd
