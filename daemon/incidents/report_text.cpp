#include "daemon/incidents/report_text.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <map>
#include <optional>

#include "daemon/incidents/report_curves.h"

namespace vitalsd {
namespace json = boost::json;
namespace {

constexpr std::size_t kLargest = 3;  // of memory and of CPU time, for each kind of user
constexpr std::size_t kChanges = 5;
constexpr double kNoCores = 0.005;  // less is not worth a word

template <class... Args>
std::string print(const char* format, Args... args) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), format, args...);
  return text.data();
}

std::string bytes_text(double bytes) {
  constexpr std::array<const char*, 5> kUnits = {"B", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  for (; std::abs(bytes) >= 1024 && unit + 1 < kUnits.size(); ++unit) bytes /= 1024;
  return print(bytes < 10 && unit > 0 ? "%.1f %s" : "%.0f %s", bytes, kUnits[unit]);
}

std::string value_text(const ReportCurve& curve, double value) {
  const std::string_view family = curve.family;
  if (family.find("_bytes") != family.npos) return bytes_text(value) + (curve.is_rate ? "/s" : "");
  if (curve.is_rate && family.ends_with("_seconds_total")) return print("%.1f %%", value * 100);
  return print(std::abs(value) < 10 ? "%.2f" : "%.0f", value) + (curve.is_rate ? "/s" : "");
}

std::string text_at(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::optional<double> number_at(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_number() ? std::optional(value->to_number<double>()) : std::nullopt;
}

// Control characters of ASCII, and those of Latin-1 as UTF-8 writes them.
std::string printable(std::string text) {
  const auto byte = [&text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_second = i > 0 && byte(i - 1) == 0xC2 && byte(i) >= 0x80 && byte(i) < 0xA0;
    if (is_second) text.replace(i - 1, 2, "??");
    if (text[i] != '\n' && (byte(i) < 0x20 || byte(i) == 0x7F)) text[i] = '?';
  }
  return text;
}

std::string one_line(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  return text;
}

std::string when(double unix_time) {
  const auto whole = static_cast<std::time_t>(std::clamp(unix_time, 0.0, 1e11));
  std::tm utc{};
  ::gmtime_r(&whole, &utc);
  std::array<char, 64> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S UTC", &utc);
  return text.data();
}

std::string what_happened(const json::object& report) {
  struct Cause {
    std::string_view name, before, after;
  };
  constexpr std::array<Cause, 3> kCauses = {{{"oom_kill", "The OOM killer ended a process in cgroup ", ""},
                                             {"target_ended", "The watched process ", " ended"},
                                             {"pressure", "Work stood still for want of ", ""}}};
  const std::string cause = text_at(report, "cause"), detail = text_at(report, "detail");
  const auto* known = std::ranges::find(kCauses, cause, &Cause::name);
  std::string text = known == kCauses.end() ? cause + ": " : std::string(known->before);
  text += text_at(report, "entity");
  if (known != kCauses.end()) text += known->after;
  if (!detail.empty()) text += ": " + detail;
  return one_line(text) + ".\n";
}

// Who is meant by a series, in the words of its family.
struct User {
  std::string_view memory, cpu, label, word;
};
constexpr std::array<User, 3> kUsers = {
    {{"container_memory_working_set_bytes", "container_cpu_usage_seconds_total", "id", "cgroup"},
     {"namedprocess_namegroup_memory_bytes", "namedprocess_namegroup_cpu_seconds_total", "groupname", "group"},
     {"vitalsd_target_resident_bytes", "vitalsd_target_cpu_seconds_total", "target", "target"}}};

// The largest of each kind: "cgroup /x 9.5 GiB, group cc1plus 2.9 GiB".
std::string largest(const std::vector<ReportCurve>& curves, std::string_view User::* family,
                    std::string (*text)(double), double least) {
  std::string out;
  for (const User& user : kUsers) {
    std::map<std::string_view, double> sums;  // over modes and kinds of memory
    for (const ReportCurve& curve : curves) {
      if (curve.family != user.*family || (!curve.label("memtype").empty() && curve.label("memtype") != "resident"))
        continue;
      sums[curve.label(user.label)] += curve.mean_of_last(6);
    }
    std::vector<std::pair<std::string_view, double>> sorted(sums.begin(), sums.end());
    std::ranges::stable_sort(sorted, std::ranges::greater{}, [](const auto& each) { return each.second; });
    for (std::size_t i = 0; i < std::min(sorted.size(), kLargest); ++i) {
      if (sorted[i].second < least) break;
      out += (out.empty() ? "" : ", ") + std::string(user.word) + " " + std::string(sorted[i].first) + " " +
             text(sorted[i].second);
    }
  }
  return one_line(out);
}

// What the entity, a cgroup or a target, may use at most.
std::string limits(const std::vector<ReportCurve>& curves, std::string_view entity) {
  struct Limit {
    std::string_view word, used, limit, label;
  };
  constexpr std::array<Limit, 3> kLimits = {
      {{"memory", "container_memory_working_set_bytes", "vitalsd_cgroup_memory_limit_bytes", "id"},
       {"CPU", "container_cpu_usage_seconds_total", "vitalsd_cgroup_cpu_limit_cores", "id"},
       {"descriptors", "vitalsd_target_open_fds", "vitalsd_target_max_fds", "target"}}};
  const auto find = [&](std::string_view family, std::string_view label) -> const ReportCurve* {
    const auto found = std::ranges::find_if(
        curves, [&](const ReportCurve& each) { return each.family == family && each.label(label) == entity; });
    return found == curves.end() ? nullptr : &*found;
  };
  std::string out;
  for (const Limit& each : kLimits) {
    const ReportCurve *used = find(each.used, each.label), *limit = find(each.limit, each.label);
    if (used == nullptr || limit == nullptr) continue;
    const bool is_cpu = used->is_rate;
    out += (out.empty() ? "" : ", ") + std::string(each.word) + " " +
           (is_cpu ? print("%.2f", used->most()) : value_text(*used, used->most())) + " at most of " +
           (is_cpu ? print("%.2f cores", limit->values.back()) : value_text(*limit, limit->values.back()));
  }
  return out;
}

// Changes below this are noise, whatever their proportion.
double noise(const ReportCurve& curve) {
  if (curve.family.find("bytes") != std::string::npos) return curve.is_rate ? 1 << 20 : 4 << 20;
  if (curve.family.find("seconds") != std::string::npos) return 0.02;
  return curve.is_rate ? 10 : 0.9;
}

std::string changes(const std::vector<ReportCurve>& curves, std::string_view entity) {
  struct Change {
    const ReportCurve* curve;
    double score;
  };
  std::vector<Change> all;
  for (const ReportCurve& curve : curves) {
    if (curve.values.size() < 4 || curve.label("memtype") == "virtual") continue;
    const double first = curve.mean_of_first(2), last = curve.mean_of_last(6);
    const double moved = std::max(std::abs(last - first), std::abs(curve.most() - first) / 2);
    if (moved < noise(curve)) continue;
    const bool is_of_entity =
        std::ranges::any_of(curve.labels, [&](const auto& each) { return each.second == entity; });
    all.push_back({&curve, (is_of_entity ? 3 : 1) * moved / (std::abs(first) + std::abs(last) + moved) *
                               std::log10(1 + moved / noise(curve))});
  }
  std::ranges::stable_sort(all, std::ranges::greater{}, &Change::score);
  std::string out;
  for (std::size_t i = 0; i < std::min(all.size(), kChanges); ++i) {
    const ReportCurve& curve = *all[i].curve;
    std::string line = "  " + curve.family;
    for (const auto& [name, value] : curve.labels) line += " " + name + "=" + value;
    line += ": " + value_text(curve, curve.mean_of_first(2)) + " before, " + value_text(curve, curve.mean_of_last(6)) +
            " at the end, " + value_text(curve, curve.most()) + " at most";
    out += one_line(line) + "\n";
  }
  return out;
}

}  // namespace

std::string report_text(std::string_view text) {
  boost::system::error_code error;
  const json::value document = json::parse(text, error);
  const auto* report = document.if_object();
  if (error || report == nullptr || text_at(*report, "cause").empty()) return {};
  const auto curves = report_curves(document);
  const std::string entity = text_at(*report, "entity");
  std::string out = when(number_at(*report, "timestamp_seconds").value_or(0)) + " on " +
                    one_line(text_at(*report, "hostname")) + "\n" + what_happened(*report);
  const auto add = [&out](std::string_view title, const std::string& line) {
    if (!line.empty()) out += std::string(title) + line + "\n";
  };
  add("Limits: ", limits(curves, entity));
  add("Memory at the end: ", largest(curves, &User::memory, bytes_text, 1));
  add("CPU at the end, in cores: ",
      largest(curves, &User::cpu, [](double cores) { return print("%.2f", cores); }, kNoCores));
  const std::string changed = changes(curves, entity);
  if (!changed.empty()) out += "What changed before:\n" + changed;
  return printable(std::move(out));
}

}  // namespace vitalsd
