// The faults of the configuration file as they are printed, with their places.
#include <gmock/gmock.h>

#include "daemon/config/fault.h"
#include "tests/daemon/config/config_fakes.h"

namespace vitalsd::conf {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::IsEmpty;
using Lines = std::vector<std::string>;

struct FaultCase {
  std::string file;
  Lines expected;
};

void expect_faults(std::initializer_list<FaultCase> cases) {
  for (const auto& [file, expected] : cases) {
    EXPECT_THAT(described(load_fake({}, file).faults), ElementsAreArray(expected)) << file;
  }
}

TEST(FileFaults, UnknownKeys) {
  expect_faults({
      {"collectors: {cpu: {intervall: 5s}}", {"c.yml:1:20: unknown key 'intervall', did you mean 'interval'?"}},
      {"collectors:\n  cpuu: {interval: 5s}", {"c.yml:2:3: unknown collector 'cpuu', did you mean 'cpu'?"}},
      {"wep:\n  max_requests: 1", {"c.yml:1:1: unknown key 'wep', did you mean 'web'?"}},
      {"web: {listen-address: [':1']}", {"c.yml:1:7: unknown key 'listen-address', did you mean 'listen_address'?"}},
      {"procfs: /x", {"c.yml:1:1: unknown key 'procfs', did you mean 'paths.procfs'?"}},
      {"web: {zzzzzzzz: 1}", {"c.yml:1:7: unknown key 'zzzzzzzz' in 'web'"}},
      {"zzzzzzzz: 1", {"c.yml:1:1: unknown key 'zzzzzzzz'"}},
      {"web.max_requests: 1", {"c.yml:1:1: unknown key 'web.max_requests'"}},
      {"collectors: {every: {watch: [{name: a, com: x}]}}", {"c.yml:1:40: unknown key 'com', did you mean 'comm'?"}},
      {"a\nb", {"c.yml:1:1: expected a mapping, got 'a b'"}},
  });
}

TEST(FileFaults, WrongTypes) {
  expect_faults({
      {"collectors: {cpu: {interval: x}}", {"c.yml:1:30: expected a duration such as 5s or 1m30s, got 'x'"}},
      {"collectors: {cpu: {interval: 5}}", {"c.yml:1:30: expected a duration such as 5s or 1m30s, got '5'"}},
      {"collectors: {cpu: {interval: [5s]}}", {"c.yml:1:30: expected a duration such as 5s or 1m30s, got a list"}},
      {"collectors: {cpu: {enabled: yes}}", {"c.yml:1:29: expected true or false, got 'yes'"}},
      {"collectors: {cpu: true}", {"c.yml:1:19: expected a mapping in 'collectors.cpu', got 'true'"}},
      {"web: [1]", {"c.yml:1:6: expected a mapping in 'web', got a list"}},
      {"web: {max_requests: many}", {"c.yml:1:21: expected a whole number, got 'many'"}},
      {"web: {max_requests: -1}", {"c.yml:1:21: must be within 0 to 1000000, got '-1'"}},
      {"web: {max_requests: 99999999999999999999}",
       {"c.yml:1:21: expected a whole number, got '99999999999999999999'"}},
      {"web: {telemetry_path: {a: b}}", {"c.yml:1:23: expected text, got a mapping"}},
      {"web: {listen_address: [[':1']]}", {"c.yml:1:24: expected text, got a list"}},
      {"web: {listen_address: [~]}", {"c.yml:1:24: expected text, got nothing"}},
      {"collectors: {every: {limit: 5x}}", {"c.yml:1:29: expected a size such as 2k or 64Mi, got '5x'"}},
      {"collectors: {every: {limit: 99999999999Ti}}", {"c.yml:1:29: is too large: '99999999999Ti'"}},
      {"collectors: {every: {include: [a]}}", {"c.yml:1:31: expected a regular expression, got a list"}},
      {"external_labels: [a]", {"c.yml:1:18: expected a mapping of names to values, got a list"}},
      {"collectors: {every: {watch: {name: a}}}", {"c.yml:1:29: expected a list of records, got a mapping"}},
      {"collectors: {every: {watch: [a]}}", {"c.yml:1:30: expected a record such as {name: x, ...}, got 'a'"}},
      {"collectors: {every: {watch: [{comm: a}]}}", {"c.yml:1:30: a record needs a 'name'"}},
      {"log: {level: inof}",
       {"c.yml:1:14: expected one of debug, info, warn, error, got 'inof', did you mean 'info'?"}},
      {"paths: {state: \"a\\0b\"}", {"c.yml:1:16: must not hold a NUL: 'a\\x00b'"}},
  });
}

TEST(FileFaults, Bounds) {
  expect_faults({
      {"collectors: {cpu: {interval: 99ms}}", {"c.yml:1:30: must be within 100ms to 1d, got '99ms'"}},
      {"collectors: {cpu: {interval: 100ms, timeout: 1d, fresh: 0}}", {}},
      {"collectors: {cpu: {timeout: 0}}", {"c.yml:1:29: must be within 1ms to 1d, got '0'"}},
      {"collectors: {defaults: {fresh: 2d}}", {"c.yml:1:32: must be within 0s to 1d, got '2d'"}},
      {"shutdown: {timeout: 0s}", {"c.yml:1:21: must be within 1ms to 1d, got '0s'"}},
  });
}

TEST(FileFaults, Meaning) {
  expect_faults({
      {"web: {telemetry_path: metrics}", {"c.yml:1:23: must begin with '/', got 'metrics'"}},
      {"web: {telemetry_path: /health}", {"c.yml:1:23: '/health' serves something else"}},
      {"web: {telemetry_path: '/a?b'}",
       {"c.yml:1:23: must be plain ASCII without blanks, '?', '#' and '%', got '/a?b'"}},
      {"web: {config_file: w.yml}", {"c.yml:1:20: cannot open 'w.yml'"}},
      {"web: {listen_address: []}", {"c.yml:1:23: at least one address is needed"}},
      {"web: {listen_address: [], systemd_socket: true}", {}},
      {"web: {listen_address: [':1', ':1']}", {"c.yml:1:30: address ':1' is given twice"}},
      {"web: {listen_address: [':1'], probe_address: ':1'}", {"c.yml:1:46: address ':1' is given twice"}},
      {"web: {listen_address: ['127.0.0.1:0'], probe_address: ['127.0.0.1:0']}", {}},
      {"paths: {procfs: ''}", {"c.yml:1:17: must not be empty"}},
      {"external_labels: {a-b: x}",
       {"c.yml:1:19: 'a-b' is no label name: letters, digits and '_', not beginning with a digit"}},
      {"external_labels: {__a: x}", {"c.yml:1:19: label names beginning with '__' are reserved: '__a'"}},
      {"external_labels: {job: x}", {}},
      {"publish: {enabled: true}\nexternal_labels: {job: x}",
       {"c.yml:2:19: with publish.enabled, 'job' is a label of what is pushed"}},
      {"publish: {enabled: true, token_file: t}", {"c.yml:1:38: cannot open 't'"}},
      {"publish: {enabled: false, token_file: t}", {}},
      {"publish:\n  {enabled: true, token_file: c.yml}",
       {"c.yml:2:31: 'c.yml' must hold one line of at least 16 characters"}},
      {"collectors: {every: {watch: [{name: a, pid: 1}, {name: a, pid: 2}]}}", {"c.yml:1:49: name 'a' is given twice"}},
  });
  const auto faults = load_fake({}, "web: {listen_address: [':1', nonsense]}").faults;
  ASSERT_EQ(faults.size(), 1U);
  EXPECT_EQ(faults[0].where, "c.yml:1:30");
  EXPECT_THAT(faults[0].message, testing::HasSubstr("nonsense"));
}

TEST(FileFaults, CollectorsOwnChecks) {
  expect_faults({
      {"collectors: {every: {include: bad(}}", {"c.yml:1:31: not a regular expression: missing )"}},
      {"collectors: {every: {include: bad(, enabled: false}}", {}},
      {"collectors: {every: {watch: [{name: a, pid: 1}, {name: b}]}}",
       {"c.yml:1:49: exactly one of pid, comm is needed"}},
      {"collectors: {every: {depth: 13}}", {"collectors.every: will not run"}},
      // A value that has a fault already is not checked a second time.
      {"collectors: {every: {depth: x, include: bad(}}", {"c.yml:1:29: expected a whole number, got 'x'"}},
  });
  EXPECT_THAT(described(load_fake({"--collector.every.include=bad("}).faults),
              ElementsAre("--collector.every.include: not a regular expression: missing )"));
}

TEST(FileFaults, Interpolation) {
  expect_faults({
      {"paths: {state: '${NONE}'}", {"c.yml:1:16: variable NONE is not set; ${NONE:-default} would give it a default"}},
      {"paths: {state: '${NONE:?where to keep things}'}",
       {"c.yml:1:16: variable NONE is not set, it is needed: 'where to keep things'"}},
      {"external_labels:\n  a: ${", {"c.yml:2:6: '${' has no '}'; write '$${' for a plain '${'"}},
      {"collectors: {cpu: {interval: '${NONE:-x}'}}", {"c.yml:1:30: expected a duration such as 5s or 1m30s, got 'x'"}},
  });
}

TEST(Faults, AreToldAllInOneRun) {
  const LoadedConfig loaded = load_fake({"--web.listen-adress=:1", "--collector.cpu.interval=x"},
                                        "web:\n  max_requests: x\n  telemetry: /m\nlog:\n  level: loud\ncollectors:\n  "
                                        "every: {include: bad}\n  cpu:\n    fresh: 1\n",
                                        {{"VITALSD_LOG_FORMAT", "xml"}, {"VITALSD_LOG_LEVLE", "info"}});
  EXPECT_THAT(described(loaded.faults),
              ElementsAre("--web.listen-adress: unknown flag, did you mean '--web.listen-address'?",
                          "--collector.cpu.interval: expected a duration such as 5s or 1m30s, got 'x'",
                          "$VITALSD_LOG_FORMAT: expected one of logfmt, json, got 'xml'",
                          "$VITALSD_LOG_LEVLE: unknown variable, did you mean 'VITALSD_LOG_LEVEL'?",
                          "c.yml:2:17: expected a whole number, got 'x'", "c.yml:3:3: unknown key 'telemetry' in 'web'",
                          "c.yml:5:10: expected one of debug, info, warn, error, got 'loud'",
                          "c.yml:7:20: not a regular expression: missing )",
                          "c.yml:9:12: expected a duration such as 5s or 1m30s, got '1'"));
}

TEST(Faults, AreLimitedInNumberAndLength) {
  std::string file;
  for (int i = 0; i < 1000; ++i) file += "zzzzzzzz" + std::to_string(i) + ": 1\n";
  const auto faults = load_fake({}, file).faults;
  EXPECT_EQ(faults.size(), Faults::kLimit + 1);
  EXPECT_EQ(describe(faults.back()), "c.yml:256:1: and 744 more faults, not shown");
  const auto lines = described(load_fake({"--" + std::string(5000, 'x') + "\n"}).faults);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_LT(lines[0].size(), 200U);
}

TEST(ConfigFileFaults, NameWhoAskedForIt) {
  EXPECT_THAT(described(load_fake({"--config.file=none.yml"}).faults),
              ElementsAre("--config.file: cannot open 'none.yml'"));
  EXPECT_THAT(described(load_fake({}, "", {{"VITALSD_CONFIG_FILE", "none.yml"}}).faults),
              ElementsAre("$VITALSD_CONFIG_FILE: cannot open 'none.yml'"));
  EXPECT_THAT(load_fake({"--config.file="}).faults, IsEmpty());
}

}  // namespace
}  // namespace vitalsd::conf
