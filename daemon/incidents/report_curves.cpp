#include "daemon/incidents/report_curves.h"

#include <algorithm>
#include <boost/json.hpp>
#include <numeric>

#include "core/label_text.h"

namespace vitalsd {
namespace json = boost::json;
namespace {

double mean(std::vector<double>::const_iterator begin, std::vector<double>::const_iterator end) {
  return std::accumulate(begin, end, 0.0) / static_cast<double>(end - begin);
}

std::vector<double> numbers_of(const json::array& values, const json::array& times, bool is_rate) {
  std::vector<double> numbers;
  const json::value* before = nullptr;
  double before_at = 0;
  for (std::size_t i = 0; i < std::min(values.size(), times.size()); ++i) {
    if (!values[i].is_number() || !times[i].is_number()) continue;
    const double value = values[i].to_number<double>(), at = times[i].to_number<double>();
    if (!is_rate) numbers.push_back(value);
    if (is_rate && before != nullptr && at > before_at) {
      const double last = before->to_number<double>();
      numbers.push_back((value < last ? value : value - last) / (at - before_at));
    }
    before = &values[i];
    before_at = at;
  }
  return numbers;
}

void add_curve(std::vector<ReportCurve>& curves, const json::value& series, const json::array& times) {
  const auto* object = series.if_object();
  const auto* name = object != nullptr ? object->if_contains("series") : nullptr;
  const auto* values = object != nullptr ? object->if_contains("values") : nullptr;
  if (name == nullptr || values == nullptr || !name->is_string() || !values->is_array()) return;
  std::string_view text = name->get_string();
  ReportCurve curve;
  const auto brace = std::min(text.find('{'), text.size());
  curve.family = text.substr(0, brace);
  text.remove_prefix(brace);
  if (text.size() >= 2) text = text.substr(1, text.size() - 2);
  for (LabelReader labels(text); labels.next();) {
    std::string value;
    append_unescaped_label(value, labels.escaped());
    curve.labels.emplace_back(labels.name(), std::move(value));
  }
  curve.is_rate = curve.family.ends_with("_total");
  curve.values = numbers_of(values->get_array(), times, curve.is_rate);
  if (!curve.values.empty()) curves.push_back(std::move(curve));
}

}  // namespace

std::string_view ReportCurve::label(std::string_view name) const {
  for (const auto& [each, value] : labels) {
    if (each == name) return value;
  }
  return {};
}

double ReportCurve::mean_of_last(std::size_t part) const {
  const auto count = std::max<std::size_t>(values.size() / part, 1);
  return mean(values.end() - static_cast<std::ptrdiff_t>(count), values.end());
}

double ReportCurve::mean_of_first(std::size_t part) const {
  const auto count = std::max<std::size_t>(values.size() / part, 1);
  return mean(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(count));
}

double ReportCurve::most() const { return *std::ranges::max_element(values); }

std::vector<ReportCurve> report_curves(const json::value& report) {
  std::vector<ReportCurve> curves;
  const auto* object = report.if_object();
  const auto* history = object != nullptr ? object->if_contains("history") : nullptr;
  if (history == nullptr || !history->is_array()) return curves;
  for (const json::value& collector : history->get_array()) {
    const auto* one = collector.if_object();
    const auto* times = one != nullptr ? one->if_contains("seconds") : nullptr;
    const auto* all = one != nullptr ? one->if_contains("series") : nullptr;
    if (times == nullptr || all == nullptr || !times->is_array() || !all->is_array()) continue;
    for (const json::value& series : all->get_array()) add_curve(curves, series, times->get_array());
  }
  return curves;
}

}  // namespace vitalsd
