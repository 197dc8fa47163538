// Faults of the command line and the environment, as they are printed.
#include "daemon/config/flags.h"

#include <gmock/gmock.h>

#include "daemon/config/environment.h"
#include "tests/daemon/config/config_fakes.h"

namespace vitalsd::conf {
namespace {

using Lines = std::vector<std::string>;

TEST(FlagFaults, AreTold) {
  const std::pair<Lines, Lines> cases[] = {
      {{"--web.listen-adress=:1"}, {"--web.listen-adress: unknown flag, did you mean '--web.listen-address'?"}},
      {{"--no-collector.cpuu"}, {"--no-collector.cpuu: unknown flag, did you mean '--no-collector.cpu'?"}},
      {{"--collector.process_groups.config_file=x"}, {"--collector.process_groups.config_file: unknown flag"}},
      {{"--no-log.level"}, {"--no-log.level: only switches can be turned off; --log.level takes a value"}},
      {{"--log.level"}, {"--log.level: needs a value: --log.level=LEVEL"}},
      {{"--config.file", "--once"}, {"--config.file: needs a value: --config.file=FILE"}},
      {{"--no-once=true"}, {"--no-once: takes no value"}},
      {{"--collector.cpu=maybe"}, {"--collector.cpu: expected true or false, got 'maybe'"}},
      {{"--collector.cpu="}, {"--collector.cpu: expected true or false, got ''"}},
      {{"--collector.cpu", "true"}, {"command line: unexpected argument 'true'"}},
      {{"--external-labels=a"}, {"--external-labels: expected NAME=VALUE, got 'a'"}},
      {{"--external-labels=a=1", "--external-labels=a=2"}, {"--external-labels: label 'a' is given twice"}},
      {{"--collector.every.watch=a"}, {"--collector.every.watch: expected NAME:FIELD=VALUE, got 'a'"}},
      {{"--collector.every.watch=a=b:c"}, {"--collector.every.watch: expected NAME:FIELD=VALUE, got 'a=b:c'"}},
      {{"--collector.every.watch=a:com=b"}, {"--collector.every.watch: unknown key 'com', did you mean 'comm'?"}},
      {{"--collector.every.watch=:comm=b"}, {"--collector.every.watch: a record needs a 'name'"}},
      {{"--collector.every.watch=a:name=b"}, {"--collector.every.watch: expected NAME:FIELD=VALUE, got 'a:name=b'"}},
      {{"--path.state=\xFF"}, {"--path.state: is not valid UTF-8: '\xEF\xBF\xBD'"}},
      {{"-config.file=x"}, {"-config.file: unknown flag, did you mean '--config.file'?"}},
      {{"-x"}, {"-x: unknown flag; flags begin with two dashes, see --help"}},
      {{"--"}, {"--: the arguments after it are for --migrate only"}},
      {{"healthchek"}, {"command line: unexpected argument 'healthchek', did you mean 'healthcheck'?"}},
      {{"healthcheck", "healthcheck"}, {"command line: unexpected argument 'healthcheck'"}},
      {{""}, {"command line: unexpected argument ''"}},
      {{"--a\nb"}, {"--a\\nb: unknown flag"}},
  };
  for (const auto& [arguments, expected] : cases) {
    EXPECT_THAT(described(load_fake(arguments).faults), testing::ElementsAreArray(expected)) << arguments.front();
  }
}

TEST(FlagValues, MayHoldAnything) {
  const auto value = [](Lines arguments) {
    const LoadedConfig loaded = load_fake(std::move(arguments));
    EXPECT_THAT(described(loaded.faults), testing::IsEmpty());
    return loaded.config.collectors.at("every").options.text("label");
  };
  EXPECT_EQ(value({"--collector.every.label=a=b"}), "a=b");
  EXPECT_EQ(value({"--collector.every.label="}), "");
  EXPECT_EQ(value({"--collector.every.label", "-x"}), "-x");
  EXPECT_EQ(value({"--collector.every.label=--x"}), "--x");
  EXPECT_EQ(value({"--collector.every.label=${NONE} $$"}), "${NONE} $$");
  const auto records =
      load_fake({"--collector.every.watch=a:comm=x:y=z"}).config.collectors.at("every").options.records("watch");
  EXPECT_EQ(records, (std::vector<Record>{{{"name", "a"}, {"comm", "x:y=z"}}}));
}

TEST(Flags, LetTheLastCountOfThoseThatTakeOneValue) {
  const auto loaded = load_fake({"--collector.cpu", "--no-collector.cpu", "--log.level=warn", "--log.level=debug"});
  EXPECT_THAT(described(loaded.faults), testing::IsEmpty());
  EXPECT_FALSE(loaded.config.collectors.at("cpu").enabled);
  EXPECT_EQ(loaded.config.log.level, "debug");
}

TEST(EnvironmentFaults, AreTold) {
  const std::tuple<const char*, const char*, Lines> cases[] = {
      {"VITALSD_WEB_LISTEN_ADDRES",
       ":1",
       {"$VITALSD_WEB_LISTEN_ADDRES: unknown variable, did you mean 'VITALSD_WEB_LISTEN_ADDRESS'?"}},
      {"VITALSD_web_listen_address", ":1", {"$VITALSD_web_listen_address: unknown variable"}},
      {"VITALSD_WEB_PORT", "9955", {"$VITALSD_WEB_PORT: unknown variable"}},
      {"VITALSD_", "", {"$VITALSD_: unknown variable"}},
      {"VITALSD_LOG_LEVEL", "", {"$VITALSD_LOG_LEVEL: expected one of debug, info, warn, error, got ''"}},
      {"VITALSD_COLLECTOR_CPU", "on", {"$VITALSD_COLLECTOR_CPU: expected true or false, got 'on'"}},
      {"VITALSD_WEB_LISTEN_ADDRESS", " , ", {"$VITALSD_WEB_LISTEN_ADDRESS: at least one address is needed"}},
      {"VITALSD_EXTERNAL_LABELS", "a=1,b", {"$VITALSD_EXTERNAL_LABELS: expected NAME=VALUE, got 'b'"}},
      {"VITALSDX", "x", {}},
      {"OTHER", "x", {}},
      {"VITALSD_PORT", "tcp://10.0.0.1:9955", {}},
  };
  for (const auto& [name, value, expected] : cases) {
    EXPECT_THAT(described(load_fake({}, "", {{name, value}}).faults), testing::ElementsAreArray(expected)) << name;
  }
  EXPECT_THAT(
      described(
          load_fake({}, "", {{"VITALSD_COLLECTOR_CPU", "true"}, {"VITALSD_COLLECTOR_CPU_ENABLED", "true"}}).faults),
      testing::ElementsAre("$VITALSD_COLLECTOR_CPU_ENABLED: sets the same as $VITALSD_COLLECTOR_CPU"));
}

TEST(ServiceLinks, AreKnownByTheirForm) {
  const std::tuple<const char*, const char*, bool> cases[] = {
      {"VITALSD_SERVICE_HOST", "10.0.0.1", true},
      {"VITALSD_SERVICE_PORT", "9955", true},
      {"VITALSD_SERVICE_PORT_METRICS", "9955", true},
      {"VITALSD_PORT", "tcp://10.0.0.1:9955", true},
      {"VITALSD_PORT_9955_TCP", "tcp://10.0.0.1:9955", true},
      {"VITALSD_PORT_9955_TCP_PROTO", "tcp", true},
      {"VITALSD_PORT_9955_TCP_PORT", "9955", true},
      {"VITALSD_PORT_9955_TCP_ADDR", "10.0.0.1", true},
      {"VITALSD_PORT_53_UDP", "udp://10.0.0.1:53", true},
      {"VITALSD_PROBES_SERVICE_HOST", "10.0.0.1", true},
      {"VITALSD_PROBES_PORT_1_TCP", "tcp://10.0.0.1:1", true},
      {"VITALSD_PORT", "9955", false},
      {"VITALSD_WEB_PORT", "9955", false},
      {"VITALSD_PORT_X_TCP", "x", false},
      {"VITALSD_PORT_9955_TCP_X", "x", false},
      {"VITALSD_PORT_9955", "x", false},
      {"VITALSD_SERVICE", "x", false},
      {"OTHER_SERVICE_HOST", "x", false},
  };
  for (const auto& [name, value, expected] : cases) EXPECT_EQ(is_service_link(name, value), expected) << name;
}

}  // namespace
}  // namespace vitalsd::conf
