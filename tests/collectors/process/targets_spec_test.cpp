// Valid and invalid values of collectors.targets.watch.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collectors/process/targets/target_spec.h"

namespace vitalsd {
namespace {

using testing::HasSubstr;

TEST(TargetSpecs, BringValuesIntoTheFormThatIsCompared) {
  const std::string id(64, 'A');
  struct Case {
    Record record;
    Selector selector;
    std::string value;
    bool walk;
  };
  const Case cases[] = {
      {{{"name", "t"}, {"pid", "4194304"}}, Selector::pid, "4194304", false},
      {{{"name", "t"}, {"pidfile", "/run/x.pid"}}, Selector::pidfile, "run/x.pid", false},
      {{{"name", "t"}, {"pidfile", "//x"}}, Selector::pidfile, "x", false},
      {{{"name", "t"}, {"comm", "a-name-that-is-too-long"}}, Selector::comm, "a-name-that-is-", true},
      {{{"name", "t"}, {"exe", "/usr/bin/x"}}, Selector::exe, "/usr/bin/x", true},
      {{{"name", "t"}, {"cmdline", "^x .*y$"}}, Selector::cmdline, "^x .*y$", true},
      {{{"name", "t"}, {"cgroup", "a/b/"}}, Selector::cgroup, "/a/b", true},
      {{{"name", "t"}, {"cgroup", "/"}}, Selector::cgroup, "/", true},
      {{{"name", "t"}, {"unit", "nginx"}}, Selector::unit, "nginx.service", true},
      {{{"name", "t"}, {"unit", "run-1.scope"}}, Selector::unit, "run-1.scope", true},
      {{{"name", "t"}, {"container", "docker://" + id}}, Selector::container, std::string(64, 'a'), true},
      {{{"name", "t"}, {"pod_container", "2"}}, Selector::pod_container, "2", true},
  };
  for (const Case& each : cases) {
    const auto specs = read_target_specs({each.record});
    ASSERT_EQ(specs.size(), 1U);
    EXPECT_EQ(specs[0].name, "t");
    EXPECT_EQ(specs[0].selector, each.selector) << each.value;
    EXPECT_EQ(specs[0].value, each.value);
    EXPECT_EQ(specs[0].needs_walk(), each.walk) << each.value;
  }
}

TEST(TargetSpecs, RefuseWhatCannotBeMeant) {
  struct Case {
    std::vector<Record> records;
    const char* message;
  };
  const Case cases[] = {
      {{{{"comm", "x"}}}, "needs a name"},
      {{{{"name", ""}, {"comm", "x"}}}, "needs a name"},
      {{{{"name", std::string(129, 'x')}, {"comm", "x"}}}, "longer than 128"},
      {{{{"name", "a\xff"}, {"comm", "x"}}}, "not UTF-8"},
      {{{{"name", "a\nb"}, {"comm", "x"}}}, "control character"},
      {{{{"name", "t"}}}, "\"t\": needs a selector, one of pid, pidfile, comm"},
      {{{{"name", "t"}, {"comm", "x"}, {"exe", "y"}}}, "one selector alone"},
      {{{{"name", "t"}, {"como", "x"}}}, "unknown selector \"como\""},
      {{{{"name", "t"}, {"comm", ""}}}, "comm is empty"},
      {{{{"name", "t"}, {"comm", std::string("a\0b", 3)}}}, "NUL"},
      {{{{"name", "t"}, {"pid", "0"}}}, "pid must be a number"},
      {{{{"name", "t"}, {"pod_container", "0"}}}, "pod_container must be a number"},
      {{{{"name", "t"}, {"pod_container", "app"}}}, "pod_container must be a number"},
      {{{{"name", "t"}, {"pid", "-1"}}}, "pid must be a number"},
      {{{{"name", "t"}, {"pid", "4194305"}}}, "pid must be a number"},
      {{{{"name", "t"}, {"pid", "12x"}}}, "\"12x\""},
      {{{{"name", "t"}, {"pidfile", "x.pid"}}}, "absolute path"},
      {{{{"name", "t"}, {"pidfile", "/"}}}, "name a file"},
      {{{{"name", "t"}, {"cmdline", "a(b"}}}, "\"t\": cmdline is not a regular expression: missing )"},
      {{{{"name", "t"}, {"unit", "a/b"}}}, "slash"},
      {{{{"name", "t"}, {"container", "8f3c2d1e0a9"}}}, "12 to 64 hex digits"},
      {{{{"name", "t"}, {"container", "my-container-name"}}}, "12 to 64 hex digits"},
      {{{{"name", "t"}, {"comm", "x"}}, {{"name", "t"}, {"exe", "y"}}}, "two of this name"},
  };
  for (const Case& each : cases) {
    try {
      read_target_specs(each.records);
      ADD_FAILURE() << "accepted, though: " << each.message;
    } catch (const OptionError& error) {
      EXPECT_EQ(error.option(), "watch");
      EXPECT_THAT(error.what(), HasSubstr(each.message));
    }
  }
}

}  // namespace
}  // namespace vitalsd
