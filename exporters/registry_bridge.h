// Turns what a prometheus::Registry (or any other Collectable) holds into samples of a Block.
//   RegistryBridge bridge(registry); bridge.collect(sink);
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/sink.h"

namespace prometheus {
class Collectable;
struct MetricFamily;
struct ClientMetric;
}  // namespace prometheus

namespace vitalsd {

/// Families that are known only at run time, each made once. At most kMost of them: a registry that invents names
/// without end is cut off. What was given out stays where it is for as long as the pool lives.
class FamilyPool {
 public:
  static constexpr std::size_t kMost = 4096;
  FamilyPool();
  ~FamilyPool();

  /// Null when the pool is full or `name` is no metric name.
  const Family* intern(std::string_view name, Kind kind, std::string_view help);
  std::size_t size() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Counters, gauges and untyped metrics are one sample each. Histograms are `_bucket{le}` (cumulative, +Inf added when
/// it is missing), `_sum`, `_count`. Summaries are `{quantile}`, `_sum`, `_count`. Timestamps are dropped; metrics with
/// a label name that an exposition cannot carry are left out. One thread at a time.
class RegistryBridge {
 public:
  explicit RegistryBridge(std::shared_ptr<const prometheus::Collectable> source);

  /// Adds everything the source has now, and makes the sink keep the families.
  void collect(Sink& sink);
  void collect(const std::vector<prometheus::MetricFamily>& families, Sink& sink);

 private:
  void add(const Family& family, const prometheus::ClientMetric& metric, Sink& sink);
  /// The metric's labels and one more, whose value is a number.
  LabelId labels_with(std::string_view name, double value, Sink& sink);

  std::shared_ptr<const prometheus::Collectable> source_;
  std::shared_ptr<FamilyPool> pool_;
  std::vector<std::string_view> names_;
  std::vector<std::string_view> values_;
  std::string number_;
};

}  // namespace vitalsd
