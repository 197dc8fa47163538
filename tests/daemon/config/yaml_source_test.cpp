// Tests how YAML text becomes a tree with places, and what is refused.
#include "daemon/config/yaml_source.h"

#include <gtest/gtest.h>

namespace vitalsd::conf {
namespace {

using Kind = YamlNode::Kind;

// Prints a whole tree on one line: {key@line:column=value@line:column ...}.
std::string shown(const YamlNode& node) {
  const std::string at = "@" + std::to_string(node.line) + ":" + std::to_string(node.column);
  std::string out;
  switch (node.kind) {
    case Kind::null: return "null" + at;
    case Kind::scalar: return node.text + at;
    case Kind::list:
      for (const auto& item : node.items) out += (out.empty() ? "" : " ") + shown(item);
      return "[" + out + "]";
    case Kind::mapping:
      for (const auto& entry : node.entries) out += (out.empty() ? "" : " ") + entry.key + "=" + shown(entry.value);
      return "{" + out + "}";
  }
  return out;
}

std::string faults_of(std::string_view text, const YamlLimits& limits = {}) {
  std::vector<YamlFault> faults;
  parse_yaml(text, faults, limits);
  std::string out;
  for (const auto& f : faults) {
    out += (out.empty() ? "" : "\n") + std::to_string(f.line) + ":" + std::to_string(f.column) + ": " + f.message;
  }
  return out;
}

TEST(ParseYaml, LocatesValues) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "null@1:1"},
      {"# nothing\n", "null@1:1"},
      {"a: 1\nb:\n  c: [x, 'y z']\n", "{a=1@1:4 b={c=[x@3:7 y z@3:10]}}"},
      {"a:\nb: ~\nc: null\nd: ''\n", "{a=null@2:1 b=null@2:4 c=null@3:4 d=@4:4}"},
      {"a: &x {p: 1}\nb: *x\n", "{a={p=1@1:11} b={p=1@1:11}}"},
      {"a: &x {p: 1, q: 2}\nb: {<<: *x, p: 3}\n", "{a={p=1@1:11 q=2@1:17} b={p=3@2:16 q=2@1:17}}"},
      {"a: &x {p: 1}\nb: &y {p: 2, q: 2}\nc: {<<: [*x, *y]}\n",
       "{a={p=1@1:11} b={p=2@2:11 q=2@2:17} c={p=1@1:11 q=2@2:17}}"},
      {"\"<<\": plain\n", "{<<=plain@1:7}"},
      {"a: |\n  two\n  lines\n", "{a=two\nlines\n@1:4}"},
      {"a: \"\\u00e4 \\x41\"\n", "{a=\u00e4 A@1:4}"},
      {"- a: 1\n  b: 2\n- c\n", "[{a=1@1:6 b=2@2:6} c@3:3]"},
  };
  for (const auto& [text, expected] : cases) {
    std::vector<YamlFault> faults;
    const YamlNode root = parse_yaml(text, faults);
    EXPECT_TRUE(faults.empty()) << text << faults.front().message;
    EXPECT_EQ(shown(root), expected) << text;
  }
}

TEST(ParseYaml, RefusesWithPosition) {
  const std::pair<std::string, std::string> cases[] = {
      {"a: 1\nb: 2\na: 3\n", "3:1: key 'a' is given twice, first in line 1"},
      {"a: [1, 2\n", "2:1: not valid YAML: end of sequence flow not found"},
      {"a: b: c\n", "1:5: not valid YAML: illegal map value"},
      {"a: *nothing\n", "1:4: not valid YAML: the referenced anchor is not defined"},
      {"a: &x [*x]\n", "1:8: an alias is inside the value that it refers to"},
      {"a: 1\n---\nb: 2\n", "2:1: only one document is allowed"},
      {"? [a]\n: 1\n", "1:3: a key must be a plain word"},
      {"a: {<<: 5}\n", "1:9: '<<' takes a mapping or a list of them"},
      {"a: \xFF\n", "1:4: not valid UTF-8"},
      {std::string("a: 1\nb: \0\n", 10), "2:4: a control character: '\\x00'"},
      {"a: 1\n\x04\nhidden: 2\n", "2:1: a control character: '\\x04'"},
      {"a: \"\\ud800\"\n", "1:11: not valid YAML: invalid unicode"},
  };
  for (const auto& [text, expected] : cases) {
    const std::string got = faults_of(text);
    EXPECT_EQ(got.substr(0, expected.size()), expected) << text;
    EXPECT_NE(got, "") << text;
  }
}

TEST(ParseYaml, StopsAtItsLimits) {
  const YamlLimits limits{.nodes = 20, .bytes = 40, .depth = 4};
  EXPECT_EQ(faults_of("[[[[1]]]]", limits), "");
  EXPECT_EQ(faults_of("[[[[[1]]]]]", limits), "1:5: nested deeper than 4 levels");
  EXPECT_EQ(faults_of("[1,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7,8,9,1]", limits), "");
  EXPECT_EQ(faults_of("[1,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7,8,9,1,2]", limits), "1:40: more than 20 values");
  EXPECT_EQ(faults_of("[" + std::string(41, 'x') + "]", limits), "1:2: more than 40 bytes of text");
  // An alias counts as much as its target in number, bytes and depth.
  EXPECT_EQ(faults_of("[&a [1,2,3,4,5], *a, *a]", limits), "1:22: more than 20 values");
  EXPECT_EQ(faults_of("[&a xxxxxxxxxxx, *a, *a]", limits), "1:22: more than 40 bytes of text");
  EXPECT_EQ(faults_of("[&a [[1]], [[*a]]]", limits), "1:14: nested deeper than 4 levels");
}

TEST(ParseYaml, SurvivesBombs) {
  std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last;
    for (int j = 0; j < 9; ++j) bomb.append(",").append(last);
    bomb += "]\n";
  }
  EXPECT_NE(faults_of(bomb).find("more than 50000 values"), std::string::npos);
  EXPECT_NE(faults_of(std::string(100'000, '[')), "");
  EXPECT_NE(faults_of(std::string(100'000, '{')), "");
  std::string dashes;
  for (int i = 0; i < 100'000; ++i) dashes += "- ";
  EXPECT_NE(faults_of(dashes), "");
}

}  // namespace
}  // namespace vitalsd::conf
