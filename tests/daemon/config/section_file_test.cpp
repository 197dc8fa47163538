// Tests options that are lists of records without names, and files that hold a part of a collector's section.
#include <gmock/gmock.h>

#include "daemon/config/interpolate.h"
#include "tests/daemon/config/config_fakes.h"

namespace vitalsd::conf {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr RecordField kRuleFields[] = {{"comm", "Names.", true},
                                       {"note", "A text."},
                                       {"labels", "Pairs.", true, true},
                                       {"secrets", "Pairs.", true, true, true}};
constexpr OptionSpec kOptions[] = {
    {.name = "rules",
     .type = OptionType::records,
     .help = "Rules.",
     .fields = kRuleFields,
     .named = false,
     .enables = true},
    {.name = "rules_file", .type = OptionType::text, .help = "More.", .enables = true, .section_file = true},
    {.name = "deep", .type = OptionType::boolean, .default_value = "false", .help = "A switch."},
};
constexpr CollectorSpec kCollectors[] = {{.name = "ruled",
                                          .enabled = false,
                                          .help = "On when it has rules.",
                                          .options = kOptions,
                                          .make = make_collector<NoCollector>}};

// Loads with a file system that holds c.yml and rules.yml, and passes c.yml as --config.file unless it is empty.
LoadedConfig load_ruled(std::vector<std::string> arguments, const std::string& file = {}, Environment environment = {},
                        const std::string& rules = {}) {
  if (!file.empty()) arguments.emplace_back("--config.file=c.yml");
  return load({std::move(arguments), std::move(environment)}, kCollectors,
              [&](const std::string& path) -> std::expected<std::string, std::string> {
                if (path == "rules.yml") return rules;
                if (path == "c.yml") return file;
                return std::unexpected("cannot open '" + path + "'");
              });
}

CollectorConfig ruled(const LoadedConfig& loaded) { return loaded.config.collectors.at("ruled"); }

TEST(RecordLists, TakeSeveralValuesAndNeedNoName) {
  const LoadedConfig loaded = load_ruled({}, R"(
collectors:
  ruled:
    rules:
      - {comm: [a, "${B}"], note: x}
      - {comm: []}
      - {name: same, comm: [c]}
      - {name: same, comm: [d]}
)",
                                         {{"B", "b"}});
  EXPECT_THAT(described(loaded.faults), IsEmpty());
  const auto rules = ruled(loaded).options.records("rules");
  ASSERT_EQ(rules.size(), 4U);
  EXPECT_THAT(rules[0].lists.at("comm"), ElementsAre("a", "b"));
  EXPECT_EQ(rules[0].texts.at("note"), "x");
  EXPECT_THAT(rules[1].lists.at("comm"), IsEmpty());
  EXPECT_EQ(rules[3].texts.at("name"), "same");
}

TEST(RecordLists, MayBeMappings) {
  const LoadedConfig loaded = load_ruled({"--config.print"}, R"(
collectors: {ruled: {rules: [{labels: {b: "${B}", a: x=y}, secrets: {token: s3cret}}, {labels: [c=1]}]}}
)",
                                         {{"B", "2"}});
  EXPECT_THAT(described(loaded.faults), IsEmpty());
  const auto rules = ruled(loaded).options.records("rules");
  ASSERT_EQ(rules.size(), 2U);
  EXPECT_THAT(rules[0].lists.at("labels"), ElementsAre("b=2", "a=x=y"));
  EXPECT_THAT(rules[0].lists.at("secrets"), ElementsAre("token=s3cret"));
  EXPECT_THAT(rules[1].lists.at("labels"), ElementsAre("c=1"));
  EXPECT_THAT(loaded.printed, HasSubstr("labels: [\"b=2\", \"a=x=y\"]"));
  EXPECT_THAT(loaded.printed, HasSubstr("secrets: [\"token=***\"]"));
}

TEST(RecordLists, RefuseWhatIsNoList) {
  EXPECT_THAT(described(load_ruled({}, "collectors: {ruled: {rules: [{comm: {a: b}}]}}").faults),
              ElementsAre("c.yml:1:37: expected a list, got a mapping"));
  EXPECT_THAT(described(load_ruled({}, "collectors: {ruled: {rules: [{labels: a}]}}").faults),
              ElementsAre("c.yml:1:39: expected a mapping of names to values, got 'a'"));
  EXPECT_THAT(described(load_ruled({}, "collectors: {ruled: {rules: [{comm: a}]}}").faults),
              ElementsAre("c.yml:1:37: expected a list, got 'a'"));
  EXPECT_THAT(described(load_ruled({}, "collectors: {ruled: {rules: [{note: [a]}]}}").faults),
              ElementsAre("c.yml:1:37: expected text, got a list"));
}

TEST(RecordLists, ComeFromFlagsOneByOne) {
  const LoadedConfig loaded = load_ruled({"--collector.ruled.rules=x:comm=a", "--collector.ruled.rules=y:note=b"});
  EXPECT_THAT(described(loaded.faults), IsEmpty());
  const auto rules = ruled(loaded).options.records("rules");
  ASSERT_EQ(rules.size(), 2U);
  EXPECT_THAT(rules[0].lists.at("comm"), ElementsAre("a"));
  EXPECT_EQ(rules[1].texts.at("note"), "b");
}

TEST(RecordLists, ArePrintedAsTheyAreRead) {
  const std::string file = "collectors: {ruled: {rules: [{comm: [a, 'b c'], note: x}, {name: n, comm: []}]}}";
  const LoadedConfig printed = load_ruled({"--config.print"}, file);
  EXPECT_THAT(printed.printed, HasSubstr("      - note: x\n        comm: [a, \"b c\"]\n      - name: \"n\"\n"));
  const LoadedConfig again = load_ruled({}, printed.printed);
  EXPECT_THAT(described(again.faults), IsEmpty());
  EXPECT_EQ(ruled(again).options, ruled(printed).options);
}

TEST(EnablingOptions, SwitchTheirCollectorOn) {
  EXPECT_FALSE(ruled(load_ruled({})).enabled);
  EXPECT_FALSE(ruled(load_ruled({"--collector.ruled.deep"})).enabled);
  EXPECT_FALSE(ruled(load_ruled({}, "collectors: {ruled: {rules: []}}")).enabled);
  EXPECT_TRUE(ruled(load_ruled({"--collector.ruled.rules=x:comm=a"})).enabled);
  EXPECT_TRUE(ruled(load_ruled({"--collector.ruled.rules=x:comm=a", "--collector.disable-defaults"})).enabled);
  EXPECT_FALSE(ruled(load_ruled({"--collector.ruled.rules=x:comm=a", "--no-collector.ruled"})).enabled);
  EXPECT_TRUE(ruled(load_ruled({"--collector.ruled.rules-file=rules.yml"})).enabled);
}

TEST(SectionFiles, HoldMoreOfTheSectionLiterally) {
  const LoadedConfig loaded = load_ruled({"--collector.ruled.rules_file=rules.yml"}, {}, {{"X", "y"}},
                                         "rules:\n  - comm: ['${X}$$']\ndeep: true\n");
  EXPECT_THAT(described(loaded.faults), IsEmpty());
  EXPECT_THAT(ruled(loaded).options.records("rules")[0].lists.at("comm"), ElementsAre("${X}$$"));
  EXPECT_TRUE(ruled(loaded).options.flag("deep"));
}

TEST(SectionFiles, YieldToFlagsAndAreNamedInFaults) {
  EXPECT_FALSE(
      ruled(load_ruled({"--collector.ruled.rules_file=rules.yml", "--no-collector.ruled.deep"}, {}, {}, "deep: true"))
          .options.flag("deep"));
  const auto faults = [](const std::string& rules, const std::string& file = {}) {
    return described(load_ruled({"--collector.ruled.rules_file=rules.yml"}, file, {}, rules).faults);
  };
  EXPECT_THAT(faults("rules:\n  - comm: [a]\n    colour: red\n"), ElementsAre("rules.yml:3:5: unknown key 'colour'"));
  EXPECT_THAT(faults("rule: []\n"), ElementsAre("rules.yml:1:1: unknown key 'rule', did you mean 'rules'?"));
  EXPECT_THAT(faults("rules: 3\n"), ElementsAre("rules.yml:1:8: expected a list of records, got '3'"));
  EXPECT_THAT(faults("rules_file: rules.yml\n"), ElementsAre("rules.yml:1:1: 'rules_file' is not allowed here"));
  EXPECT_THAT(faults("deep: true", "collectors: {ruled: {deep: false}}"),
              ElementsAre("rules.yml:1:7: 'deep' is given here and in 'c.yml'"));
  EXPECT_THAT(described(load_ruled({"--collector.ruled.rules_file=none.yml"}).faults),
              ElementsAre("--collector.ruled.rules_file: cannot open 'none.yml'"));
  EXPECT_THAT(faults(""), IsEmpty());
}

}  // namespace
}  // namespace vitalsd::conf
