#include "exporters/registry_bridge.h"

#include <prometheus/client_metric.h>
#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <algorithm>
#include <cmath>
#include <forward_list>
#include <limits>
#include <unordered_map>
#include <utility>

#include "core/metric_name.h"
#include "exporters/text.h"

namespace vitalsd {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

Kind kind_of(prometheus::MetricType type) {
  switch (type) {
    case prometheus::MetricType::Counter: return Kind::counter;
    case prometheus::MetricType::Gauge: return Kind::gauge;
    case prometheus::MetricType::Summary: return Kind::summary;
    case prometheus::MetricType::Histogram: return Kind::histogram;
    default: return Kind::untyped;
  }
}

}  // namespace

struct FamilyPool::Impl {
  struct Entry {
    std::string name, help;
    Family family;
  };
  std::forward_list<Entry> entries;  // never moved: Blocks point into them
  std::unordered_map<std::string_view, std::vector<const Family*>> by_name;
  std::size_t size = 0;
};

FamilyPool::FamilyPool() : impl_(std::make_unique<Impl>()) {}
FamilyPool::~FamilyPool() = default;

std::size_t FamilyPool::size() const noexcept { return impl_->size; }

const Family* FamilyPool::intern(std::string_view name, Kind kind, std::string_view help) {
  if (const auto found = impl_->by_name.find(name); found != impl_->by_name.end()) {
    for (const Family* family : found->second) {
      if (family->kind == kind) return family;
    }
  }
  if (impl_->size >= kMost || !is_metric_name(name)) return nullptr;
  Impl::Entry& entry = impl_->entries.emplace_front(Impl::Entry{std::string(name), std::string(help), {}});
  entry.family = {.name = entry.name, .kind = kind, .help = entry.help};
  impl_->by_name[entry.name].push_back(&entry.family);
  ++impl_->size;
  return &entry.family;
}

RegistryBridge::RegistryBridge(std::shared_ptr<const prometheus::Collectable> source)
    : source_(std::move(source)), pool_(std::make_shared<FamilyPool>()) {}

void RegistryBridge::collect(Sink& sink) { collect(source_->Collect(), sink); }

void RegistryBridge::collect(const std::vector<prometheus::MetricFamily>& families, Sink& sink) {
  sink.keep(pool_);
  for (const prometheus::MetricFamily& from : families) {
    if (from.metric.empty()) continue;
    const Family* family = pool_->intern(from.name, kind_of(from.type), from.help);
    if (family == nullptr) continue;
    for (const prometheus::ClientMetric& metric : from.metric) add(*family, metric, sink);
  }
}

void RegistryBridge::add(const Family& family, const prometheus::ClientMetric& metric, Sink& sink) {
  names_.clear();
  values_.clear();
  for (const auto& label : metric.label) {
    if (!is_label_name(label.name)) return;
    names_.push_back(label.name);
    values_.push_back(label.value);
  }
  const LabelId labels = sink.labels(names_, values_);
  const auto add_sum_and_count = [&](double sum, std::uint64_t count) {
    sink.add(family, labels, sum, Part::sum);
    sink.add(family, labels, static_cast<double>(count), Part::count);
  };
  switch (family.kind) {
    case Kind::counter: return sink.add(family, labels, metric.counter.value);
    case Kind::gauge: return sink.add(family, labels, metric.gauge.value);
    case Kind::untyped: return sink.add(family, labels, metric.untyped.value);
    case Kind::summary:
      for (const auto& part : metric.summary.quantile) {
        sink.add(family, labels_with("quantile", part.quantile, sink), part.value);
      }
      return add_sum_and_count(metric.summary.sample_sum, metric.summary.sample_count);
    case Kind::histogram: {
      double last = -kInfinity;
      for (const auto& bucket : metric.histogram.bucket) {
        last = bucket.upper_bound;
        sink.add(family, labels_with("le", last, sink), static_cast<double>(bucket.cumulative_count), Part::bucket);
      }
      if (last != kInfinity) {
        const auto all = static_cast<double>(metric.histogram.sample_count);
        sink.add(family, labels_with("le", kInfinity, sink), all, Part::bucket);
      }
      return add_sum_and_count(metric.histogram.sample_sum, metric.histogram.sample_count);
    }
  }
}

LabelId RegistryBridge::labels_with(std::string_view name, double value, Sink& sink) {
  number_.clear();
  append_value(number_, value);
  names_.push_back(name);
  values_.push_back(number_);
  const LabelId labels = sink.labels(names_, values_);
  names_.pop_back();
  values_.pop_back();
  return labels;
}

}  // namespace vitalsd
