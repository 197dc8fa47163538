// Aggregations of the rules' language, as Prometheus has them.
#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>

#include "daemon/rules/language/operators.h"

namespace vitalsd::rules {
namespace {

LabelSet group_of(const AggregateNode& node, const LabelSet& labels) {
  LabelSet group;
  if (!node.without) {
    for (const std::string& name : node.labels) group.set(name, labels.get(name));
  } else {
    group = labels;
    group.remove(node.labels);
    group.remove_name();
  }
  return group;
}

double mean_of(const std::vector<double>& values) {
  double mean = 0, count = 0;
  for (const double value : values) {
    ++count;
    // An infinite mean stays, unless the other infinity or NaN comes.
    const bool stays = std::isinf(mean) && (std::isinf(value) ? (value > 0) == (mean > 0) : !std::isnan(value));
    if (!stays) mean += value / count - mean / count;
  }
  return mean;
}

double variance_of(const std::vector<double>& values) {
  double count = 0, mean = 0, squares = 0;
  for (const double value : values) {
    const double off = value - mean;
    mean += off / ++count;
    squares += off * (value - mean);
  }
  return squares / count;
}

double value_of(Aggregate op, double parameter, std::vector<double>& values) {
  double result = values.front();
  switch (op) {
    case Aggregate::sum:
      result = 0;
      for (const double value : values) result += value;
      return result;
    case Aggregate::avg: return mean_of(values);
    case Aggregate::min:
      for (const double value : values) result = value < result || std::isnan(result) ? value : result;
      return result;
    case Aggregate::max:
      for (const double value : values) result = value > result || std::isnan(result) ? value : result;
      return result;
    case Aggregate::count: return static_cast<double>(values.size());
    case Aggregate::group: return 1;
    case Aggregate::stdvar: return variance_of(values);
    case Aggregate::stddev: return std::sqrt(variance_of(values));
    case Aggregate::quantile: return quantile_of(parameter, values);
    default: return NAN;
  }
}

// The most or the least of each group, with all their labels; NaN comes after every number.
InstantVector selected(const AggregateNode& node, InstantVector vector, double parameter) {
  if (std::isnan(parameter) || parameter < 1) return {};
  const bool is_top = node.op == Aggregate::topk;
  std::map<LabelSet, std::vector<InstantSample>> groups;
  for (InstantSample& sample : vector) groups[group_of(node, sample.labels)].push_back(std::move(sample));
  InstantVector out;
  for (auto& [labels, samples] : groups) {
    std::ranges::stable_sort(samples, [is_top](const InstantSample& a, const InstantSample& b) {
      if (std::isnan(a.value) || std::isnan(b.value)) return !std::isnan(a.value) && std::isnan(b.value);
      return is_top ? a.value > b.value : a.value < b.value;
    });
    const double most = std::min(parameter, static_cast<double>(samples.size()));
    samples.resize(static_cast<std::size_t>(most));
    std::ranges::move(samples, std::back_inserter(out));
  }
  return out;
}

}  // namespace

InstantVector aggregate(const AggregateNode& node, InstantVector vector, double parameter) {
  if (node.op == Aggregate::topk || node.op == Aggregate::bottomk) return selected(node, std::move(vector), parameter);
  std::map<LabelSet, std::vector<double>> groups;
  for (const InstantSample& sample : vector) groups[group_of(node, sample.labels)].push_back(sample.value);
  InstantVector out;
  out.reserve(groups.size());
  for (auto& [labels, values] : groups) out.push_back({labels, value_of(node.op, parameter, values)});
  return out;
}

}  // namespace vitalsd::rules
