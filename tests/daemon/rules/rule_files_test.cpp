#include "daemon/config/rule_files.h"

#include <gtest/gtest.h>

namespace vitalsd {
namespace {

using namespace std::chrono_literals;

struct Read {
  rules::RuleBook book;
  std::vector<ConfigFault> faults;
};

Read read(std::string_view text) {
  Read result;
  conf::Faults faults;
  conf::read_rule_file("rules.yml", text, 15s, result.book, faults);
  if (faults.count() != 0) result.faults = faults.sorted();
  return result;
}

constexpr std::string_view kGood = R"(groups:
  - name: disks
    interval: 30s
    rules:
      - record: instance:free:ratio
        expr: node_filesystem_avail_bytes / node_filesystem_size_bytes
      - alert: DiskFull
        expr: |
          instance:free:ratio < 0.1
            and rate(node_disk_written_bytes_total[10m]) > 0
        for: 5m
        keep_firing_for: 1m
        affects: health
        labels: {severity: page}
        annotations:
          summary: "{{ $labels.device }} has {{ $value }} left"
)";

TEST(RuleFiles, ReadsPrometheusShape) {
  const auto [book, faults] = read(kGood);
  ASSERT_TRUE(faults.empty()) << describe(faults[0]);
  ASSERT_EQ(book.groups.size(), 1U);
  EXPECT_EQ(book.groups[0].interval, 30s);
  const auto& alert = book.groups[0].rules[1];
  EXPECT_EQ(alert.name, "DiskFull");
  EXPECT_EQ(alert.hold, 5min);
  EXPECT_EQ(alert.keep_firing, 1min);
  EXPECT_EQ(alert.affects, rules::Affects::health);
  EXPECT_EQ(alert.range(), 10min);
  const auto ranges = book.ranges();
  ASSERT_EQ(ranges.size(), 1U);
  EXPECT_EQ(ranges.begin()->first, "node_disk_written_bytes_total");
}

struct FaultRow {
  std::string_view rule;  // what follows the second line
  std::string_view where, message, shown;
};
constexpr FaultRow kFaults[] = {
    {"  - {alert: A, expr: rate(x)}", "rules.yml:3:27", "the expression: rate() takes a range vector",
     "      - {alert: A, expr: rate(x)}\n                              ^\n"},
    {"  - alert: A\n    expr: \"1 +\"", "rules.yml:4:15", "expected a value",
     "        expr: \"1 +\"\n                  ^\n"},
    {"  - alert: A\n    expr: |\n      sum(x)\n        > bool $", "rules.yml:6:16", "unexpected character '$'",
     "            > bool $\n                   ^\n"},
    {"  - alert: A\n    expr: >-\n      a\n      b", "rules.yml:6:7", "unexpected 'b'", "          b\n          ^\n"},
    {"  - alert: A\n    expr: 'x{a=''b''} c'", "rules.yml:4:11", "unexpected 'c'",
     "        expr: 'x{a=''b''} c'\n              ^\n"},
    {"  - {alert: A, expr: x, fro: 5m}", "rules.yml:3:25", "unknown key 'fro', did you mean 'for'?", ""},
    {"  - {alert: A, expr: x, for: soon}", "rules.yml:3:30", "expected a duration", ""},
    {"  - {alert: A}", "rules.yml:3:5", "a rule needs 'expr'", ""},
    {"  - {expr: x}", "rules.yml:3:5", "a rule needs 'alert' or 'record'", ""},
    {"  - {record: a-b, expr: x}", "rules.yml:3:14", "'a-b' is no name of a metric", ""},
    {"  - {record: a, expr: x, for: 5m}", "rules.yml:3:31", "for alerts alone", ""},
    {"  - {alert: A, expr: x, affects: mood}", "rules.yml:3:34", "expected one of none, health, ready", ""},
    {"  - {alert: A, expr: x, labels: {a-b: c}}", "rules.yml:3:34", "'a-b' is no name of a label", ""},
    {"  - {alert: A, expr: x, annotations: {a: 'now {{ 1 }}'}}", "rules.yml:3:47", "only {{ $value }}",
     "      - {alert: A, expr: x, annotations: {a: 'now {{ 1 }}'}}\n                                                  "
     "^\n"},
};

TEST(RuleFiles, FaultsShowTheirPlace) {
  for (const auto& [rule, where, message, shown] : kFaults) {
    const auto faults = read("groups:\n- rules:\n" + std::string(rule) + "\n  name: g\n").faults;
    ASSERT_EQ(faults.size(), 1U) << rule;
    EXPECT_EQ(faults[0].where, where) << rule;
    EXPECT_NE(faults[0].message.find(message), std::string::npos) << rule << ": " << faults[0].message;
    EXPECT_EQ(faults[0].excerpt, shown) << rule;
  }
}

TEST(RuleFiles, ARecordedSeriesIsNoneOfTheDaemons) {
  for (const char* name : {"vitalsd_rule_active", "ALERTS", "ALERTS_FOR_STATE"}) {
    const auto faults = read("groups: [{name: g, rules: [{record: " + std::string(name) + ", expr: x}]}]").faults;
    ASSERT_EQ(faults.size(), 1U) << name;
    EXPECT_NE(faults[0].message.find("a family of the daemon's own"), std::string::npos) << faults[0].message;
  }
}

TEST(RuleFiles, AGroupHasItsNameOnce) {
  const auto faults = read("groups: [{name: a}, {name: a}, {rules: []}]").faults;
  ASSERT_EQ(faults.size(), 2U);
  EXPECT_EQ(describe(faults[0]), "rules.yml:1:28: group 'a' is given twice");
  EXPECT_EQ(describe(faults[1]), "rules.yml:1:32: a group needs a name");
}

}  // namespace
}  // namespace vitalsd
