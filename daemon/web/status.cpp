#include "daemon/web/status.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <optional>
#include <unordered_map>
#include <vector>

#include "core/collector.h"
#include "core/label_text.h"
#include "daemon/history/windows.h"
#include "daemon/service/host_name.h"
#include "daemon/service/json_text.h"
#include "daemon/service/version.h"
#include "exporters/http/etag.h"

namespace vitalsd {
namespace json = boost::json;
namespace {

// A series for each CPU and mode: 1,024 on a machine of 128 CPUs.
constexpr std::string_view kPerCpu = "node_cpu_seconds_total", kCpuLabel = "cpu";

struct Current {
  std::string_view labels;
  double value = 0;
  std::optional<double> rate;
};

double milliseconds_of(double seconds) { return std::round(seconds * 1000) / 1000; }

class FamilyWriter {
 public:
  FamilyWriter(const StatusFacts& facts, const Job& job, std::string& out)
      : facts_(facts), job_(job), now_(facts.clock.steady()), out_(out) {}

  void write(const Block& block, const Block::Group& group) {
    const Family& family = *group.family;
    read_rates(family);
    append_json_string(out_, family.name);
    out_ += ":{\"type\":";
    append_json_string(out_, type_word(family.kind));
    out_ += ",\"collector\":";
    append_json_string(out_, job_.name());
    out_ += ",\"series\":[";
    const auto samples = block.samples(group);
    if (family.name == kPerCpu) {
      write_modes(block, samples);
    } else {
      const auto shown = std::min(samples.size(), StatusLimits::kSeries);
      for (const Sample& sample : samples.first(shown)) append({block.label_text(sample.labels), sample.value, {}});
      left_out_ = samples.size() - shown;
    }
    out_ += "],\"left_out\":";
    append_json_number(out_, static_cast<double>(left_out_));
    out_ += '}';
  }

 private:
  void read_rates(const Family& family) {
    comma_ = "";
    left_out_ = 0;
    rates_.clear();
    if (family.kind != Kind::counter) return;
    const auto span = std::max<std::chrono::nanoseconds>(StatusLimits::kRate, job_.pace() * 5 / 2);
    for (const SeriesView& series : facts_.history.select({.family = std::string(family.name), .labels = {}}, kMost)) {
      if (series.collector() != job_.name()) continue;
      if (const auto rate = rate_of(series, now_ - span, now_)) rates_.emplace(series.labels(), *rate);
    }
  }

  std::optional<double> rate_of_labels(std::string_view labels) const {
    const auto found = rates_.find(labels);
    return found == rates_.end() ? std::nullopt : std::optional(found->second);
  }

  void write_modes(const Block& block, std::span<const Sample> samples) {
    std::vector<std::pair<std::string, Current>> modes;
    for (const Sample& sample : samples) {
      const std::string_view labels = block.label_text(sample.labels);
      std::string rest;
      for (LabelReader label(labels); label.next();) {
        if (label.name() != kCpuLabel) rest.append(label.name()).append("=\"").append(label.escaped()).append("\"");
      }
      auto mode = std::ranges::find(modes, rest, [](const auto& each) { return each.first; });
      if (mode == modes.end()) mode = modes.insert(mode, {std::move(rest), {}});
      mode->second.value += sample.value;
      if (const auto rate = rate_of_labels(labels)) mode->second.rate = mode->second.rate.value_or(0) + *rate;
    }
    for (auto& [labels, current] : modes) append({labels, current.value, current.rate});
  }

  void append(Current current) {
    if (!current.rate) current.rate = rate_of_labels(current.labels);
    out_ += comma_;
    comma_ = ",";
    out_ += "{\"labels\":{";
    std::string_view comma;
    for (LabelReader label(current.labels); label.next(); comma = ",") {
      out_ += comma;
      append_json_string(out_, label.name());
      out_ += ':';
      text_.clear();
      append_unescaped_label(text_, label.escaped());
      append_json_string(out_, text_);
    }
    out_ += "},\"value\":";
    append_json_number(out_, current.value);
    if (current.rate) {
      out_ += ",\"rate\":";
      append_json_number(out_, *current.rate);
    }
    out_ += '}';
  }

  static constexpr std::size_t kMost = 20'000;  // series of which a rate is made
  const StatusFacts& facts_;
  const Job& job_;
  SteadyTime now_;
  std::string& out_;
  std::string text_;
  std::string_view comma_;
  std::size_t left_out_ = 0;
  std::unordered_map<std::string_view, double> rates_;
};

// What the registrations say is worth remembering, of the collectors that run.
void append_families(std::string& out, const StatusFacts& facts) {
  std::string_view comma;
  for (const auto& [name, job] : facts.jobs) {
    const CollectorSpec* spec = find_collector(name);
    const Block* block = facts.store.find(name);
    if (spec == nullptr || block == nullptr) continue;
    FamilyWriter writer(facts, *job, out);
    for (const Block::Group& group : block->groups()) {
      const bool is_kept = std::ranges::any_of(
          spec->remembered, [&](const Family* family) { return family->name == group.family->name; });
      if (!is_kept) continue;
      out += comma;
      comma = ",";
      writer.write(*block, group);
    }
  }
}

json::array collectors_of(const StatusFacts& facts, double unix_offset) {
  json::array collectors;
  for (const auto& [name, job] : facts.jobs) {
    json::object each{{"name", name},
                      {"state", state_word(*job)},
                      {"interval_seconds", seconds(job->pace())},
                      {"runs", job->facts.runs},
                      {"skipped", job->facts.skipped},
                      {"cpu_seconds", seconds(job->facts.cpu)}};
    if (job->facts.ran) each["duration_seconds"] = seconds(job->facts.duration);
    if (job->facts.collected) {
      each["collected"] = milliseconds_of(seconds(job->facts.collected->time_since_epoch()) + unix_offset);
    }
    if (!job->facts.error.empty()) each["error"] = job->facts.error;
    collectors.push_back(std::move(each));
  }
  return collectors;
}

}  // namespace

std::string status_json(const StatusFacts& facts) {
  utsname system{};
  ::uname(&system);
  const SteadyTime now = facts.clock.steady();
  const double unix_now = unix_seconds(facts.clock.now());
  const double unix_offset = unix_now - seconds(now.time_since_epoch());
  json::object data{{"status", facts.status},
                    {"lack", facts.lack},
                    {"hostname", host_name()},
                    {"platform", std::string(system.sysname) + " " + system.release + " " + system.machine},
                    {"cpus", ::sysconf(_SC_NPROCESSORS_ONLN)},
                    {"version", VITALSD_VERSION},
                    {"pid", ::getpid()},
                    {"time", milliseconds_of(unix_now)},
                    {"start_time", milliseconds_of(seconds(facts.start.time_since_epoch()) + unix_offset)},
                    {"telemetry_path", facts.telemetry_path},
                    {"history",
                     {{"window_seconds", seconds(facts.history.settings().window)},
                      {"bytes", facts.history.bytes()},
                      {"samples_left_out", facts.history.left_out()}}},
                    {"collectors", collectors_of(facts, unix_offset)}};
  std::string text = json_text(data);
  text.pop_back();
  text = "{\"status\":\"success\",\"data\":" + std::move(text) + ",\"families\":{";
  append_families(text, facts);
  return text += "}}}\n";
}

http::Response answer_status(const StatusFacts& facts, std::string_view if_none_match) {
  std::uint64_t runs = 0;
  for (const auto& [name, job] : facts.jobs) runs += job->facts.runs + job->facts.skipped;
  http::Response response{.content_type = "application/json"};
  response.etag = "W/\"" + std::to_string(facts.start.time_since_epoch().count()) + "-" +
                  std::to_string(facts.store.epoch()) + "-" + std::to_string(runs) + "-" + std::string(facts.status) +
                  "\"";
  if (http::has_etag(if_none_match, response.etag)) return http::not_modified(std::move(response));
  response.body = std::make_shared<const std::string>(status_json(facts));
  return response;
}

}  // namespace vitalsd
