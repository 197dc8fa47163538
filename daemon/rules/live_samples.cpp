#include "daemon/rules/live_samples.h"

#include <array>

#include "core/label_text.h"

namespace vitalsd {
namespace {

using namespace std::chrono;

/// The series of each part of a family; those of native histograms have none.
constexpr std::array<std::string_view, 4> kEndings = {"", "_bucket", "_sum", "_count"};

bool has_part(std::string_view family, std::string_view ending, std::string_view name) {
  return name.size() == family.size() + ending.size() && name.starts_with(family) && name.ends_with(ending);
}

}  // namespace

void LiveSamples::configure(const Labels& labels, SteadyTime now) {
  labels_ = labels;
  label_text_.clear();
  for (const auto& [name, value] : labels) {
    if (!label_text_.empty()) label_text_ += ',';
    label_text_ += label_text_of(name, value);
  }
  recorded_.clear();
  began_ = now;
}

void LiveSamples::at(const Clock& clock) {
  now_ms_ = duration_cast<milliseconds>(clock.now().time_since_epoch()).count();
  now_ = clock.steady();
}

bool LiveSamples::fits(const rules::SelectorNode& selector, std::string_view name, std::string_view labels) const {
  if (label_text_.empty()) return selector.fits(name, labels);
  if (!selector.name.empty() && selector.name != name) return false;
  text_ = labels;
  if (!text_.empty()) text_ += ',';
  text_ += label_text_;  // a series' own label comes first, and holds
  return selector.fits(name, text_);
}

rules::LabelSet LiveSamples::labels_of(std::string_view name, std::string_view labels) const {
  rules::LabelSet set(name, labels);
  for (const auto& [label, value] : labels_) {
    if (set.get(label).empty()) set.set(label, value);
  }
  return set;
}

void LiveSamples::append_instant(const rules::SelectorNode& selector, std::size_t most,
                                 rules::InstantVector& out) const {
  const std::size_t end = out.size() + most;
  store_.snapshot(snapshot_);
  std::string series_name;
  for (const auto& block : snapshot_) {
    for (const Block::Group& group : block->groups()) {
      const std::string_view family = group.family->name;
      if (!selector.name.empty() && !selector.name.starts_with(family)) continue;
      if (recorded_.contains(family)) continue;
      for (const Sample& sample : block->samples(group)) {
        const auto part = static_cast<std::size_t>(sample.part);
        if (part >= kEndings.size()) continue;
        if (!selector.name.empty() && !has_part(family, kEndings[part], selector.name)) continue;
        series_name = family;
        series_name += kEndings[part];
        const std::string_view labels = block->label_text(sample.labels);
        if (!fits(selector, series_name, labels)) continue;
        if (out.size() < end) out.push_back({labels_of(series_name, labels), sample.value});
      }
    }
  }
  snapshot_.clear();  // blocks must not be held: their collectors fill them again
  for (const auto& [name, values] : recorded_) {
    for (const rules::InstantSample& sample : *values) {
      const bool fitting = selector.fits(name, sample.labels.block_text(rules::kNameLabel));
      if (fitting && out.size() < end) out.push_back(sample);
    }
  }
}

void LiveSamples::append_range(const rules::SelectorNode& selector, std::int64_t start_ms, std::int64_t end_ms,
                               const rules::EvaluationLimits& limits, std::vector<rules::RangeSeries>& out) const {
  const SteadyTime from = now_ - milliseconds(now_ms_ - start_ms), to = now_ - milliseconds(now_ms_ - end_ms);
  std::size_t points = 0;
  std::string_view watched;
  for (const SeriesView& view : history_.select({.family = selector.name, .labels = {}}, limits.series)) {
    if (!fits(selector, view.family(), view.labels())) continue;
    if (watched != view.collector()) watch_reach(watched = view.collector(), from, to);
    rules::RangeSeries series;
    for (Points each = view.points(from, to); each.next();) {
      const std::int64_t ms = now_ms_ + floor<milliseconds>(each.at() - now_).count();
      if (ms <= start_ms || (!series.points.empty() && ms <= series.points.back().ms)) continue;
      series.points.push_back({ms, each.value()});
      if (++points >= limits.points) break;
    }
    if (series.points.empty()) continue;
    series.labels = labels_of(view.family(), view.labels());
    out.push_back(std::move(series));
    if (points >= limits.points) return;
  }
}

// The first quarter of a range may be empty because the collector is slow.
void LiveSamples::watch_reach(std::string_view collector, SteadyTime from, SteadyTime to) const {
  constexpr int kQuarter = 4;
  if (began_ > from) return;
  Points runs = history_.runs(collector, from, to);
  if (runs.next() && runs.at() - from > (to - from) / kQuarter) is_short_ = true;
}

}  // namespace vitalsd
