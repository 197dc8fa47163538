#include <gtest/gtest.h>

#include <cmath>

#include "daemon/rules/language/expression.h"
#include "daemon/rules/language/functions.h"
#include "daemon/rules/language/template.h"

namespace vitalsd {
namespace {

using rules::parse_expression;

struct BadRow {
  std::string_view text;
  std::size_t offset;
  std::string_view message;
};
constexpr BadRow kBad[] = {
    {"", 0, "is empty"},
    {"rate(x)", 5, "takes a range vector"},
    {"rate(x[5m]", 10, "expected ')'"},
    {"foo(x)", 0, "unknown function 'foo'"},
    {"x[5m]", 0, "is a range vector"},
    {"x[5]", 2, "expected a duration"},
    {"x[0s]", 2, "longer than 0"},
    {"x[2d]", 2, "longer than a day"},
    {"rate(x[5m:1m])", 9, "subqueries"},
    {"rate(sum(x)[5m])", 11, "subqueries"},
    {"x offset 5m", 2, "'offset' is not supported"},
    {"x @ 5", 2, "'@' is not supported"},
    {"1 > 2", 2, "needs bool"},
    {"x + bool y", 2, "bool goes with comparisons"},
    {"1 and x", 2, "instant vectors on both sides"},
    {"x + on (a) 1", 2, "between two instant vectors"},
    {"x and on (a) group_left y", 2, "takes no group_left"},
    {"x * on (a) group_left (a) y", 11, "must not be in on()"},
    {"sum(1)", 4, "takes an instant vector"},
    {"topk(x, y)", 5, "takes a scalar"},
    {"sum(x, y)", 0, "takes 1 argument"},
    {"quantile(x)", 0, "takes 2 arguments"},
    {"round()", 0, "takes 1 to 2 arguments"},
    {"{a=\"\"}", 0, "a selector needs a name"},
    {"{a!=\"b\"}", 0, "a selector needs a name"},
    {"rate({a=\"b\"}[5m])", 5, "a range needs the name"},
    {"x{a=~\"(\"}", 5, "missing"},
    {"x{a=b}", 4, "expected a string"},
    {"x{a>\"b\"}", 3, "expected one of =, !=, =~, !~"},
    {"x{__name__=\"y\"}", 2, "the name is given twice"},
    {"x{a=\"b}", 4, "the string has no end"},
    {"x{a=\"\\q\"}", 5, "no such escape"},
    {"x y", 2, "unexpected 'y'"},
    {"5 $ 3", 2, "unexpected character '$'"},
    {"5mm", 0, "neither a number nor a duration"},
    {"5m", 0, "a duration stands only in the brackets"},
    {"\"text\"", 0, "strings stand only"},
    {"x == and", 5, "expected a value"},
    {"sum by (1) (x)", 8, "expected a label"},
};

TEST(RuleParser, FaultsHaveTheirPlace) {
  for (const auto& [text, offset, message] : kBad) {
    const auto parsed = parse_expression(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().offset, offset) << text << ": " << parsed.error().message;
    EXPECT_NE(parsed.error().message.find(message), std::string::npos) << text << ": " << parsed.error().message;
  }
}

TEST(RuleParser, BoundsWhatItTakes) {
  EXPECT_FALSE(parse_expression(std::string(20'000, ' ') + "x"));
  EXPECT_FALSE(parse_expression(std::string(100, '(') + "x" + std::string(100, ')')));
  EXPECT_FALSE(parse_expression(std::string(100, '-') + "x"));
  std::string sum = "x";
  for (int i = 0; i < 600; ++i) sum += "+x";
  const auto parsed = parse_expression(sum);
  ASSERT_FALSE(parsed);
  EXPECT_NE(parsed.error().message.find("too many parts"), std::string::npos);
}

TEST(RuleParser, EscapesStandForTheirBytes) {
  const auto parsed = parse_expression(R"(x{a="\"\\\n\x41é\101",b='"',c=`\n`})");
  ASSERT_TRUE(parsed) << parsed.error().message;
  const auto& selector = std::get<rules::SelectorNode>((*parsed)->node);
  EXPECT_EQ(selector.matchers[0].value,
            "\"\\\nA\xC3\xA9"
            "A");
  EXPECT_EQ(selector.matchers[1].value, "\"");
  EXPECT_EQ(selector.matchers[2].value, "\\n");
}

TEST(RuleParser, SelectorsSeeUnescapedLabels) {
  const auto parsed = parse_expression(R"(x{a="say \"hi\"",b=""})");
  ASSERT_TRUE(parsed);
  const auto& selector = std::get<rules::SelectorNode>((*parsed)->node);
  EXPECT_TRUE(selector.fits("x", R"(a="say \"hi\"")"));
  EXPECT_FALSE(selector.fits("x", R"(a="say \"hi\"",b="1")"));
  EXPECT_FALSE(selector.fits("y", R"(a="say \"hi\"")"));
}

TEST(RuleParser, EveryFunctionHasOneMeaning) {
  for (const auto& function : rules::all_functions()) {
    const int meanings = (function.special != rules::FunctionSpec::Special::none ? 1 : 0) +
                         (function.of_range != nullptr ? 1 : 0) + (function.of_value != nullptr ? 1 : 0);
    EXPECT_EQ(meanings, 1) << function.name;
  }
}

TEST(RuleTemplate, StandsForValueAndLabels) {
  const auto text = rules::parse_template("{{ $labels.device }}: {{$value}}{{ $labels.none }}.");
  ASSERT_TRUE(text) << text.error().message;
  EXPECT_EQ(text->expand(rules::LabelSet("x", R"(device="sda")"), 0.25), "sda: 0.25.");
}

TEST(RuleTemplate, RefusesWhatItDoesNotKnow) {
  for (const std::string_view text :
       {"{{ $value | humanize }}", "{{ if $value }}", "{{ $labels }}", "{{ $value", "{{}}"}) {
    const auto parsed = rules::parse_template(std::string("abc ") + std::string(text));
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().offset, 4U);
  }
}

TEST(RuleTemplate, WritesNumbersAsGoDoes) {
  EXPECT_EQ(rules::value_text(1e20), "100000000000000000000");
  EXPECT_EQ(rules::value_text(1e21), "1e+21");
  EXPECT_EQ(rules::value_text(0.0001), "0.0001");
  EXPECT_EQ(rules::value_text(0.00001), "1e-05");
  EXPECT_EQ(rules::value_text(-3), "-3");
  EXPECT_EQ(rules::value_text(HUGE_VAL), "+Inf");
}

}  // namespace
}  // namespace vitalsd
