#include "daemon/web/rules_api.h"

#include <array>
#include <charconv>
#include <cmath>

#include "daemon/rules/alert_time.h"
#include "daemon/service/json_text.h"

namespace vitalsd {
namespace {

/// Writes the members of an object, with commas between them.
class Members {
 public:
  explicit Members(std::string& out) : out_(out) { out_ += '{'; }
  Members(const Members&) = delete;
  Members& operator=(const Members&) = delete;
  ~Members() { out_ += '}'; }

  std::string& name(std::string_view name) {
    out_ += comma_;
    comma_ = ",";
    append_json_string(out_, name);
    return out_ += ':';
  }
  void text(std::string_view key, std::string_view value) { append_json_string(name(key), value); }
  void number(std::string_view key, double value) { append_json_number(name(key), value); }

 private:
  std::string& out_;
  std::string_view comma_;
};

// As Go's strconv.FormatFloat(value, 'e', -1, 64).
std::string scientific(double value) {
  if (std::isnan(value) || std::isinf(value)) return rules::value_text(value);
  std::array<char, 64> buffer{};
  return {buffer.begin(), std::to_chars(buffer.begin(), buffer.end(), value, std::chars_format::scientific).ptr};
}

double seconds_of(std::chrono::nanoseconds span) { return std::chrono::duration<double>(span).count(); }

void append_pairs(std::string& out, const std::vector<std::pair<std::string, std::string>>& pairs) {
  Members members(out);
  for (const auto& [name, value] : pairs) members.text(name, value);
}

void append_texts(std::string& out, const rules::Rule::Texts& texts) {
  Members members(out);
  for (const auto& [name, text] : texts) members.text(name, text.source());
}

void append_alerts(std::string& out, const RuleState& rule, std::string_view& comma) {
  for (const auto& [labels, alert] : rule.alerts.alerts()) {
    if (alert.state == Alert::State::resolved) continue;
    out += comma;
    comma = ",";
    Members members(out);
    append_pairs(members.name("labels"), labels.pairs());
    append_pairs(members.name("annotations"), alert.annotations);
    members.text("state", name_of(alert.state));
    members.text("activeAt", rfc3339(alert.active_at));
    if (alert.keep_since != 0) members.text("keepFiringSince", rfc3339(alert.keep_since));
    members.text("value", scientific(alert.value));
  }
}

std::string_view state_of(const RuleState& rule) {
  if (rule.alerts.count(Alert::State::firing) > 0) return "firing";
  return rule.alerts.count(Alert::State::pending) > 0 ? "pending" : "inactive";
}

void append_rule(std::string& out, const RuleState& state) {
  const rules::Rule& rule = *state.rule;
  Members members(out);
  if (rule.is_alert) members.text("state", state_of(state));
  members.text("name", rule.name);
  members.text("query", rule.query);
  if (rule.is_alert) {
    members.number("duration", seconds_of(rule.hold));
    members.number("keepFiringFor", seconds_of(rule.keep_firing));
  }
  append_texts(members.name("labels"), rule.labels);
  if (rule.is_alert) {
    append_texts(members.name("annotations"), rule.annotations);
    members.text("affects", name_of(rule.affects));
    std::string& alerts = members.name("alerts") += '[';
    std::string_view comma;
    append_alerts(alerts, state, comma);
    alerts += ']';
  }
  members.text("health", !state.error.empty() ? "err" : state.evaluated ? "ok" : "unknown");
  if (!state.error.empty()) members.text("lastError", state.error);
  members.number("evaluationTime", state.seconds);
  members.text("lastEvaluation", rfc3339(state.at_ms));
  members.text("type", rule.is_alert ? "alerting" : "recording");
}

void append_group(std::string& out, const GroupState& state) {
  Members members(out);
  members.text("name", state.group->name);
  members.text("file", state.group->file);
  std::string& list = members.name("rules") += '[';
  std::string_view comma;
  for (const RuleState& rule : state.rules) {
    list += comma;
    comma = ",";
    append_rule(list, rule);
  }
  list += ']';
  members.number("interval", seconds_of(state.group->interval));
  members.number("limit", static_cast<double>(state.group->limit));
  members.number("evaluationTime", state.seconds);
  members.text("lastEvaluation", rfc3339(state.at_ms));
}

http::Response answer_of(std::string data) {
  http::Response response{.content_type = "application/json"};
  response.body = std::make_shared<const std::string>(R"({"status":"success","data":)" + std::move(data) + "}\n");
  return response;
}

}  // namespace

http::Response answer_rules(const RuleGroups& groups) {
  std::string out = R"({"groups":[)";
  std::string_view comma;
  for (const auto& group : groups.all()) {
    out += comma;
    comma = ",";
    append_group(out, *group);
  }
  return answer_of(std::move(out += "]}"));
}

http::Response answer_alerts(const RuleGroups& groups) {
  std::string out = R"({"alerts":[)";
  std::string_view comma;
  groups.each_rule([&](const GroupState&, const RuleState& rule) { append_alerts(out, rule, comma); });
  return answer_of(std::move(out += "]}"));
}

}  // namespace vitalsd
