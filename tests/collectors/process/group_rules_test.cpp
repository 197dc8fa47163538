#include "collectors/process/groups/group_rules.h"

#include <gmock/gmock.h>

#include "core/collector.h"

namespace vitalsd {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Record rule(std::map<std::string, std::vector<std::string>, std::less<>> lists, const std::string& name = {}) {
  Record record;
  record.lists = std::move(lists);
  if (!name.empty()) record.texts.emplace("name", name);
  return record;
}

Options options(std::vector<Record> records, const std::string& procnames = {}, const std::string& mapping = {}) {
  Options made = Options::defaults(find_collector("process_groups")->options);
  made.set("process_names", {.text = {}, .items = {}, .records = std::move(records)});
  made.set("procnames", {.text = procnames, .items = {}, .records = {}});
  made.set("namemapping", {.text = mapping, .items = {}, .records = {}});
  return made;
}

ProcessFacts process(const std::string& comm, std::vector<std::string> arguments) {
  ProcessFacts facts;
  facts.comm = comm;
  facts.arguments = std::move(arguments);
  return facts;
}

std::string group(const Options& options, const ProcessFacts& facts) {
  std::string name;
  return GroupRules(options).match(facts, name) ? name : "none";
}

TEST(GroupRules, TakeTheFirstThatMatches) {
  const auto rules = options({rule({{"comm", {"a", "b"}}}, "one"), rule({{"comm", {"a"}}}, "two")});
  EXPECT_EQ(group(rules, process("a", {})), "one");
  EXPECT_EQ(group(rules, process("b", {})), "one");
  EXPECT_EQ(group(rules, process("c", {})), "none");
}

TEST(GroupRules, WantAllThatIsGiven) {
  const auto rules = options(
      {rule({{"comm", {"a"}}, {"exe", {"x", "/bin/y"}}, {"cmdline", {"-p (?P<P>\\d+)", "z$"}}}, "{{.Matches.P}}")});
  EXPECT_EQ(group(rules, process("a", {"/any/x", "-p", "80", "z"})), "80");
  EXPECT_EQ(group(rules, process("a", {"/bin/y", "-p", "80", "z"})), "80");
  EXPECT_EQ(group(rules, process("a", {"/usr/bin/y", "-p", "80", "z"})), "none");
  EXPECT_EQ(group(rules, process("b", {"/any/x", "-p", "80", "z"})), "none");
  EXPECT_EQ(group(rules, process("a", {"/any/x", "-p", "80", "zz", "q"})), "none");
  EXPECT_EQ(group(rules, process("a", {})), "none");
}

TEST(GroupRules, AnEmptyListOfExpressionsMatchesEverything) {
  EXPECT_EQ(group(options({rule({{"cmdline", {}}}, "all")}), process("a", {})), "all");
  EXPECT_EQ(group(options({rule({{"comm", {}}}, "none at all")}), process("a", {})), "none");
}

TEST(GroupRules, DefaultToTheExecutablesName) {
  EXPECT_EQ(group(options({rule({{"comm", {"a"}}})}), process("a", {"/q/w", "-x"})), "w");
  EXPECT_EQ(group(options({rule({{"comm", {"a"}}})}), process("a", {})), "a");
}

TEST(GroupRules, KnowTheOlderForms) {
  const auto rules = options({}, "bash,upstart,", R"(python2,([^/]+)\.py,java,-jar\s+([^/]+).jar|(-cp))");
  EXPECT_EQ(group(rules, process("bash", {"-x"})), "bash");
  EXPECT_EQ(group(rules, process("python2", {"python2", "/opt/tool.py"})), "python2:tool");
  EXPECT_EQ(group(rules, process("python2", {"python2", "-c", "1"})), "none");
  EXPECT_EQ(group(rules, process("java", {"java", "-cp"})), "java:-cp");
  EXPECT_EQ(group(rules, process("zsh", {})), "none");
}

TEST(GroupRules, SayWhatIsWrong) {
  const auto fault = [](const Options& options) -> std::string {
    try {
      const GroupRules rules(options);
    } catch (const OptionError& error) {
      return error.option() + ": " + error.what();
    }
    return "none";
  };
  EXPECT_EQ(fault(options({rule({{"comm", {"a"}}}), rule({}, "x")})),
            "process_names[1]: a rule needs one of comm, exe, cmdline");
  EXPECT_THAT(fault(options({rule({{"cmdline", {"("}}})})),
              HasSubstr("process_names[0]: cmdline \"(\" is not a regular expression: missing )"));
  EXPECT_THAT(fault(options({rule({{"comm", {"a"}}}, "{{.Comm")})),
              HasSubstr("process_names[0]: name \"{{.Comm\": an action that {{ opens"));
  EXPECT_THAT(fault(options({rule({{"comm", {"a"}}})}, "b")), HasSubstr("procnames: cannot be combined"));
  EXPECT_THAT(fault(options({rule({{"comm", {"a"}}})}, "", "a,b")), HasSubstr("namemapping: cannot be combined"));
  EXPECT_THAT(fault(options({}, "", "a")), HasSubstr("namemapping: takes pairs"));
  EXPECT_THAT(fault(options({}, "", "a,")), HasSubstr("namemapping: a name or an expression is empty"));
  EXPECT_THAT(fault(options({}, "", "a,(")), HasSubstr("namemapping: not a regular expression"));
}

TEST(GroupRules, KnowTheNamesThatAreGivenOutright) {
  const GroupRules rules(options({rule({{"comm", {"a"}}}, "one"), rule({{"comm", {"b"}}}, "{{.Comm}}"),
                                  rule({{"comm", {"c"}}}), rule({{"comm", {"d"}}}, "one")}));
  EXPECT_THAT(rules.literal_names(), ElementsAre("one"));
}

}  // namespace
}  // namespace vitalsd
