// Compares expressions with a real Prometheus: `promtool test rules` evaluates them over the same samples, and expects
// what was computed here.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "tests/daemon/rules/sample_table.h"

namespace vitalsd {
namespace {

constexpr double kNaN = NAN, kInf = HUGE_VAL;
constexpr std::int64_t kAtMs = 307'000;  // no sample is at the beginning of a range, where versions differ

const std::vector<SampleTable::Series>& series() {
  static const std::vector<SampleTable::Series> kSeries = [] {
    std::vector<SampleTable::Series> all = {
        {"requests_total", R"(code="200",job="a",path="/")", {}},
        {"requests_total", R"(code="500",job="a",path="/")", {}},
        {"requests_total", R"(code="200",job="b",path="/x")", {}},
        {"restarts_total", R"(job="a")", {}},
        {"young_total", R"(job="a")", {}},
        {"temperature", R"(sensor="one")", {}},
        {"temperature", R"(sensor="two")", {}},
        {"limit", R"(job="a")", {}},
        {"limit", R"(job="b")", {}},
        {"info", R"(job="a",version="1.2")", {}},
        {"info", R"(job="b",version="1.3")", {}},
        {"odd", R"(kind="nan")", {}},
        {"odd", R"(kind="inf")", {}},
        {"odd", R"(kind="minus")", {}},
        {"odd", R"(kind="zero")", {}},
        {"disk_free_bytes", R"(device="sda")", {}},
    };
    for (int i = 0; i < 22; ++i) {
      const double x = i;
      const double values[] = {1000 + 15 * x,
                               10 + x * x / 4,
                               3 * x,
                               i < 12 ? 5 * x : 3 * (x - 12) + 1,
                               i < 16 ? SampleTable::kMissing : x - 15.5,
                               20 + 5 * std::round(10 * std::sin(x)) / 10,
                               i % 5 == 0 ? 18.25 : 19.5,
                               2,
                               4.5,
                               1,
                               1,
                               kNaN,
                               kInf,
                               -kInf,
                               0,
                               1e9 - 1.5e7 * x};
      for (std::size_t s = 0; s < all.size(); ++s) all[s].values.push_back(values[s]);
    }
    return all;
  }();
  return kSeries;
}

constexpr const char* kExpressions[] = {
    "1 + 2 * 3 ^ 2 ^ 0.5 - 4 % 3",
    "-2 ^ 2",
    "-(1 - 3) * 2",
    "2 ^ -1",
    "1 / 0 - 5",
    "5 > bool 4",
    "1 == bool 2",
    "0x1F + 1e3 + .5",
    "-7 % 3",
    "time()",
    "vector(3) + 1",
    "scalar(limit{job=\"a\"}) * 2",
    "scalar(limit)",
    "limit",
    "limit{job!=\"a\"}",
    "{__name__=\"limit\",job=~\"a|c\"}",
    "{__name__=~\"lim.*|temp.*\"}",
    "requests_total{path=~\"/.+\"}",
    "requests_total{code!~\"5..\"}",
    "requests_total{nothing=\"\"}",
    "-limit",
    "+limit",
    "rate(requests_total[1m])",
    "rate(requests_total[4m])",
    "increase(requests_total[90s])",
    "increase(restarts_total[5m])",
    "rate(restarts_total[4m])",
    "increase(young_total[5m])",
    "delta(young_total[90s])",
    "rate(young_total[2m])",
    "delta(temperature[2m])",
    "irate(requests_total[2m])",
    "irate(restarts_total[5m])",
    "idelta(temperature[2m])",
    "deriv(temperature[3m])",
    "predict_linear(disk_free_bytes[4m], 3600)",
    "predict_linear(disk_free_bytes[4m], 4*3600) < 0",
    "avg_over_time(temperature[2m])",
    "max_over_time(temperature[2m])",
    "min_over_time(temperature[2m])",
    "sum_over_time(temperature[2m])",
    "count_over_time(temperature[2m])",
    "quantile_over_time(0.9, temperature[4m])",
    "quantile_over_time(-1, temperature[4m])",
    "stddev_over_time(temperature[2m])",
    "stdvar_over_time(temperature[2m])",
    "last_over_time(temperature[1m])",
    "present_over_time(temperature[1m])",
    "changes(temperature[3m])",
    "resets(restarts_total[5m])",
    "avg_over_time(odd[1m])",
    "max_over_time(odd[1m])",
    "changes(odd[1m])",
    "absent(limit)",
    "absent(nothing{job=\"a\",code=~\"5..\"})",
    "absent(nothing{job=\"a\",job=\"b\"})",
    "absent(sum(nothing))",
    "absent_over_time(nothing{job=\"a\"}[1m])",
    "abs(temperature - 22)",
    "ceil(temperature)",
    "floor(-temperature)",
    "round(temperature)",
    "round(temperature, 0.25)",
    "round(temperature, 5)",
    "clamp_min(temperature, 19)",
    "clamp_max(temperature, 19)",
    "clamp(temperature, 18, 19)",
    "clamp(temperature, 19, 18)",
    "clamp_max(odd, 1)",
    "sgn(odd)",
    "sqrt(limit)",
    "exp(limit) + ln(limit) + log2(limit) + log10(limit)",
    "sum(requests_total)",
    "sum by (job) (requests_total)",
    "sum(requests_total) by (job, nothing)",
    "sum without (code) (requests_total)",
    "avg by (job) (requests_total)",
    "min(requests_total)",
    "max by (code) (requests_total)",
    "count by (__name__) ({__name__=~\"limit|temperature\"})",
    "group by (job) (requests_total)",
    "stddev(requests_total)",
    "stdvar by (job) (requests_total)",
    "quantile(0.5, requests_total)",
    "quantile by (job) (0.25, requests_total)",
    "topk(2, requests_total)",
    "bottomk(1, requests_total) by (job)",
    "topk(9, odd)",
    "sum(odd)",
    "max(odd)",
    "min(odd)",
    "avg(odd{kind!=\"nan\"})",
    "quantile(0.4, odd)",
    "limit * 2",
    "10 - limit",
    "limit > 3",
    "3 > limit",
    "limit > bool 3",
    "limit == 4.5",
    "limit != 4.5",
    "limit <= 2 or limit >= 4",
    "limit % 2",
    "limit ^ 2",
    "limit / limit",
    "limit >= limit",
    "limit >= bool limit",
    "sum by (job) (requests_total) / on (job) limit",
    "requests_total / on (job) group_left limit",
    "requests_total * ignoring (code, path) group_left limit",
    "limit < on (job) group_right requests_total",
    "limit * on (job) group_left (version) info",
    "requests_total * on (job) group_left (version) info",
    "sum by (job) (requests_total) > on (job) 100 * limit",
    "limit and info",
    "limit and on (job) info",
    "limit and on () vector(1)",
    "limit unless on (job) info{version=\"1.2\"}",
    "limit or on (job) info",
    "limit or nothing",
    "nothing or vector(0)",
    "requests_total and ignoring (code, path, version) info",
    "sum(rate(requests_total{code=~\"5..\"}[5m])) / sum(rate(requests_total[5m])) > 0.01",
    "100 * (1 - limit / (limit + 1)) > 70 and on (job) rate(restarts_total[5m]) > 0",
    "max_over_time(temperature[5m]) - min_over_time(temperature[5m]) > 1 # swings",
    "SUM(limit) BY (job) == ON (job) limit",
    "temperature > scalar(avg(temperature))",
    "clamp_max(rate(requests_total[1m]) * 60, 50) >= 3",
    "odd == odd",
    "odd != odd",
    "odd > 0",
};

std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  char text[64];
  std::snprintf(text, sizeof text, "%.17g", value);
  return text;
}

std::string yaml_quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("''") : std::string(1, c);
  return out + "'";
}

std::string series_yaml(const SampleTable::Series& one) {
  std::string out = "      - series: " + yaml_quoted(one.name + "{" + one.labels + "}") + "\n        values: '";
  for (const double value : one.values) {
    out += value == SampleTable::kMissing ? "_ " : std::isinf(value) && value > 0 ? "Inf " : number(value) + " ";
  }
  return out + "'\n";
}

std::string in_go_quotes(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) out += (c == '"' || c == '\\' ? "\\" : "") + std::string(1, c);
  return out + "\"";
}

using Results = std::map<std::string, double>;

Results results_of(const rules::InstantVector& vector) {
  Results all;
  for (const auto& sample : vector) {
    std::string labels = "{";
    for (const auto& [name, value] : sample.labels.pairs()) {
      labels += (labels.size() > 1 ? ", " : "") + name + "=" + in_go_quotes(value);
    }
    EXPECT_TRUE(all.emplace(labels + "}", sample.value).second) << labels;
  }
  return all;
}

// Of lines `{__name__="a", x="1"} 3E+00, {...} NaN`.
Results parse_results(std::string_view line) {
  Results all;
  while (!line.empty()) {
    const std::size_t end = line.find("} ") + 1;
    const std::string labels(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
    const std::size_t comma = std::min(line.find(", "), line.size());
    all[labels] = std::strtod(std::string(line.substr(0, comma)).c_str(), nullptr);
    line.remove_prefix(std::min(comma + 2, line.size()));
  }
  return all;
}

// What Prometheus finds, by expression: a test that expects nothing fails, and shows what there is.
std::map<std::string, Results> ask_prometheus() {
  std::string yaml = "evaluation_interval: 15s\ntests:\n  - interval: 15s\n    input_series:\n";
  for (const auto& one : series()) yaml += series_yaml(one);
  yaml += "    promql_expr_test:\n";
  for (const std::string text : kExpressions) {
    yaml += "      - expr: " + yaml_quoted(text) + "\n        eval_time: 307s\n";
  }
  const auto folder = std::filesystem::temp_directory_path() / ("vitalsd-rules-" + std::to_string(::getpid()));
  std::filesystem::create_directory(folder);
  std::ofstream(folder / "tests.yml") << yaml;
  const std::string command = "cd '" + folder.string() + "' && promtool test rules tests.yml 2>&1";
  FILE* promtool = ::popen(command.c_str(), "r");
  std::string output;
  char part[4096];
  while (const std::size_t got = std::fread(part, 1, sizeof part, promtool)) output.append(part, got);
  ::pclose(promtool);
  std::filesystem::remove_all(folder);
  EXPECT_NE(output.find("FAILED:"), output.npos) << output;
  EXPECT_EQ(output.find("error"), output.npos) << output;
  std::map<std::string, Results> all;
  std::string expression;
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    constexpr std::string_view kExpr = "    expr: ", kGot = "        got: ";
    if (line.starts_with(kExpr)) expression = line.substr(kExpr.size(), line.rfind(", time: ") - kExpr.size());
    if (line.starts_with(kGot)) all[expression] = parse_results(line.substr(kGot.size()));
  }
  return all;
}

bool are_same(double a, double b) {
  if (std::isnan(a) || std::isnan(b) || std::isinf(a) || std::isinf(b))
    return a == b || (std::isnan(a) && std::isnan(b));
  return std::fabs(a - b) <= 1e-9 * std::max({std::fabs(a), std::fabs(b), 1e-3});
}

std::string shown(const Results& results) {
  std::string out;
  for (const auto& [labels, value] : results) out += "\n    " + labels + " " + number(value);
  return out;
}

TEST(AgainstPrometheus, ExpressionsHaveTheSameValues) {
  if (std::system("command -v promtool >/dev/null 2>&1") != 0) GTEST_SKIP() << "promtool is not on PATH";
  static_assert(std::size(kExpressions) >= 60);
  SampleTable table(series());
  table.now_ms = kAtMs;
  const auto prometheus = ask_prometheus();
  std::size_t with_results = 0;
  for (const std::string text : kExpressions) {
    const auto parsed = rules::parse_expression(text);
    ASSERT_TRUE(parsed) << text << ": " << parsed.error().message;
    const auto result = rules::evaluate(**parsed, table, kAtMs);
    ASSERT_TRUE(result) << text << ": " << result.error();
    const Results ours = results_of(*result);
    const auto found = prometheus.find(in_go_quotes(text));
    const Results theirs = found == prometheus.end() ? Results{} : found->second;
    with_results += theirs.empty() ? 0 : 1;
    const bool same = std::ranges::equal(
        ours, theirs, [](const auto& a, const auto& b) { return a.first == b.first && are_same(a.second, b.second); });
    EXPECT_TRUE(same) << text << "\n  here:" << shown(ours) << "\n  Prometheus:" << shown(theirs);
  }
  EXPECT_GT(with_results, std::size(kExpressions) * 4 / 5) << "most of them find something";
}

}  // namespace
}  // namespace vitalsd
