#include "daemon/web/history_api.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <expected>
#include <map>
#include <ranges>
#include <string>

#include "core/label_text.h"
#include "core/quantity.h"
#include "daemon/history/sums.h"
#include "daemon/service/json_text.h"
#include "exporters/http/query.h"

namespace vitalsd {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;
using Time = History::Time;
template <class T>
using Asked = std::expected<T, std::string>;

constexpr int kSteps = 60;  // where no step is asked for
constexpr std::size_t kMostListed = 5'000;

struct Span {
  Time from, to;
  nanoseconds step{};
  bool rate = false;
  double unix_offset = 0;  // of a steady time in seconds
  double unix_time(Time at) const { return seconds(at.time_since_epoch()) + unix_offset; }
};

Asked<std::string> one_of(const http::Query& query, std::string_view name) {
  const auto all = query.all(name);
  if (all.size() > 1) return std::unexpected(std::string(name) + " comes more than once");
  return std::string(all.empty() ? std::string_view() : all.front());
}

Asked<SeriesSelector> match_of(const http::Query& query, bool required) {
  const auto text = one_of(query, "match");
  if (!text) return std::unexpected(text.error());
  if (text->empty() && !required) return SeriesSelector{};
  const auto selector = parse_selector(*text);
  if (!selector) return std::unexpected("match: " + std::string(selector.error()));
  return *selector;
}

Asked<Time> time_of(const http::Query& query, std::string_view name, Time otherwise, Time now, double now_unix) {
  const auto text = one_of(query, name);
  if (!text) return std::unexpected(text.error());
  if (text->empty()) return otherwise;
  double number = 0;
  const auto [end, failed] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (failed != std::errc() || end != text->data() + text->size() || !std::isfinite(number)) {
    return std::unexpected(std::string(name) + ": seconds since the epoch, or before now, are expected");
  }
  // Nobody asks for more than a year either way, and no sum can overflow.
  const double before_now = std::clamp(number > 0 ? number - now_unix : number, -3e7, 3e7);
  return now + std::chrono::duration_cast<nanoseconds>(std::chrono::duration<double>(before_now));
}

Asked<Span> span_of(const http::Query& query, const History& history, const Clock& clock) {
  const Time now = clock.steady();
  const double now_unix = unix_seconds(clock.now());
  const Time begin = now - history.settings().window;
  Span span{begin, now, {}, false, now_unix - seconds(now.time_since_epoch())};
  const auto from = time_of(query, "from", begin, now, now_unix);
  if (!from) return std::unexpected(from.error());
  const auto to = time_of(query, "to", now, now, now_unix);
  if (!to) return std::unexpected(to.error());
  span.from = std::max(*from, begin);
  span.to = std::min(*to, now);
  const auto rate = one_of(query, "rate");
  if (!rate) return std::unexpected(rate.error());
  if (!rate->empty() && *rate != "true" && *rate != "false") return std::unexpected("rate: true or false is expected");
  span.rate = *rate == "true";
  const auto step = one_of(query, "step");
  if (!step) return std::unexpected(step.error());
  span.step = std::max<nanoseconds>((span.to - span.from) / kSteps, 1s);
  if (!step->empty()) {
    const auto asked = parse_duration(*step);
    if (!asked || *asked < 1ms) return std::unexpected("step: a duration of at least 1ms is expected, such as 15s");
    span.step = std::min<nanoseconds>(*asked, std::max<nanoseconds>(span.to - span.from, 1ms));
  }
  return span;
}

// The labels `by` which series are added up; nothing: they are not.
Asked<std::optional<std::vector<std::string>>> by_of(const http::Query& query) {
  std::optional<std::vector<std::string>> by;
  for (const auto name : query.all("by")) {
    if (!by) by.emplace();
    if (!name.empty()) by->emplace_back(name);
  }
  if (by && by->size() > HistoryLimits::kBy) return std::unexpected("by: that is too many labels");
  return by;
}

// The label text of `series` with these labels alone.
std::string labels_of(const SeriesView& series, const std::vector<std::string>& only) {
  std::string text;
  for (LabelReader labels(series.labels()); labels.next();) {
    if (std::ranges::find(only, labels.name()) == only.end()) continue;
    text.append(text.empty() ? "" : ",").append(labels.name()).append("=\"").append(labels.escaped()).append("\"");
  }
  return text;
}

// What becomes one line: series of one family and collector, and the labels that they share.
struct Line {
  std::string labels;
  std::vector<SeriesView> series;
};

std::vector<Line> lines_of(const std::vector<SeriesView>& found, const std::optional<std::vector<std::string>>& by) {
  std::vector<Line> lines;
  std::map<std::string, std::size_t> places;
  for (const SeriesView& series : found) {
    Line line{by ? labels_of(series, *by) : std::string(series.labels()), {series}};
    const std::string key = std::string(series.collector()).append(" ").append(series.family()).append(" ");
    const auto [place, is_new] = places.emplace(by ? key + line.labels : std::to_string(lines.size()), lines.size());
    if (is_new) {
      lines.push_back(std::move(line));
    } else {
      lines[place->second].series.push_back(series);
    }
  }
  return lines;
}

void append_labels(std::string& out, std::string_view label_text) {
  std::string value;
  out += "\"labels\":{";
  std::string_view comma;
  for (LabelReader labels(label_text); labels.next(); comma = ",") {
    out += comma;
    append_json_string(out, labels.name());
    out += ':';
    value.clear();
    append_unescaped_label(value, labels.escaped());
    append_json_string(out, value);
  }
  out += '}';
}

void append_identity(std::string& out, const SeriesView& series, std::string_view labels) {
  out += "{\"name\":";
  append_json_string(out, series.family());
  out += ',';
  append_labels(out, labels);
  out += ",\"type\":";
  append_json_string(out, type_word(series.kind()));
  out += ",\"collector\":";
  append_json_string(out, series.collector());
}

void append_points(std::string& out, std::span<const SeriesView> series, const Span& span) {
  const auto windows = span.rate || series.size() > 1
                           ? sum_steps_of(series, span.from, span.to, span.step, span.rate ? Sum::rates : Sum::values)
                           : steps_of(series.front(), span.from, span.to, span.step);
  out += ",\"points\":[";
  std::string_view comma;
  for (std::size_t i = 0; i < windows.size(); ++i) {
    const Window& window = windows[i];
    if (window.count == 0) continue;
    const Time end = std::min(span.from + span.step * (static_cast<std::int64_t>(i) + 1), span.to);
    out += comma;
    comma = ",";
    out += '[';
    append_json_number(out, std::round(span.unix_time(end) * 1000) / 1000);
    for (const double value : {window.min, window.mean(), window.max}) {
      out += ',';
      append_json_number(out, value);
    }
    out += ']';
  }
  out += "]}";
}

http::Response json_response(std::string text) {
  http::Response response{.content_type = "application/json"};
  response.body = std::make_shared<const std::string>(std::move(text));
  return response;
}

}  // namespace

http::Response answer_history(const History& history, const Clock& clock, std::string_view query) {
  const auto parsed = http::parse_query(query);
  if (!parsed) return http::text_response(400, std::string(parsed.error()));
  const auto selector = match_of(*parsed, true);
  if (!selector) return http::text_response(400, selector.error());
  const auto span = span_of(*parsed, history, clock);
  if (!span) return http::text_response(400, span.error());
  const auto by = by_of(*parsed);
  if (!by) return http::text_response(400, by.error());
  const std::size_t most = *by ? HistoryLimits::kSummed : HistoryLimits::kSeries;
  std::vector<SeriesView> found;
  std::size_t samples = 0, steps = 0;
  if (span->from < span->to) {
    steps = static_cast<std::size_t>((span->to - span->from) / span->step) + 1;
    found = history.select(*selector, most + 1);
    for (const SeriesView& series : found) samples += series.size();
  }
  const auto lines = lines_of(found, *by);
  if (found.size() > most || lines.size() > HistoryLimits::kSeries || steps > HistoryLimits::kPoints ||
      lines.size() * steps > HistoryLimits::kPoints || samples > HistoryLimits::kSamples) {
    return http::text_response(422, "that is too much for one answer: narrow match, or take a longer step");
  }
  std::string out = "{\"status\":\"success\",\"data\":{\"from\":";
  append_json_number(out, std::round(span->unix_time(span->from) * 1000) / 1000);
  out += ",\"to\":";
  append_json_number(out, std::round(span->unix_time(span->to) * 1000) / 1000);
  out += ",\"step\":";
  append_json_number(out, seconds(span->step));
  out += ",\"series\":[";
  std::string_view comma;
  for (const Line& line : lines) {
    out += comma;
    comma = ",";
    append_identity(out, line.series.front(), line.labels);
    append_points(out, line.series, *span);
  }
  return json_response(std::move(out += "]}}\n"));
}

http::Response answer_series(const History& history, std::string_view query) {
  const auto parsed = http::parse_query(query);
  if (!parsed) return http::text_response(400, std::string(parsed.error()));
  const auto selector = match_of(*parsed, false);
  if (!selector) return http::text_response(400, selector.error());
  const auto found = history.select(*selector, kMostListed + 1);
  if (found.size() > kMostListed) return http::text_response(422, "that is too much for one answer: narrow match");
  std::string out = "{\"status\":\"success\",\"data\":{\"window\":";
  append_json_number(out, seconds(history.settings().window));
  out += ",\"bytes\":";
  append_json_number(out, static_cast<double>(history.bytes()));
  out += ",\"samples_left_out\":";
  append_json_number(out, static_cast<double>(history.left_out()));
  out += ",\"series\":[";
  std::string_view comma;
  for (const SeriesView& series : found) {
    out += comma;
    comma = ",";
    append_identity(out, series, series.labels());
    out += ",\"samples\":";
    append_json_number(out, static_cast<double>(series.size()));
    out += '}';
  }
  return json_response(std::move(out += "]}}\n"));
}

}  // namespace vitalsd
