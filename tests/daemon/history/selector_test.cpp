#include "daemon/history/selector.h"

#include <gtest/gtest.h>

#include "core/label_text.h"

namespace vitalsd {
namespace {

TEST(SeriesSelector, FitsByNameAndLabels) {
  const auto selector = parse_selector(R"( cpu_total { mode = "idle", cpu="0", } )");
  ASSERT_TRUE(selector);
  EXPECT_TRUE(selector->fits("cpu_total", R"(cpu="0",mode="idle")"));
  EXPECT_FALSE(selector->fits("cpu_total", R"(cpu="0",mode="user")"));
  EXPECT_FALSE(selector->fits("cpu", R"(cpu="0",mode="idle")"));
  EXPECT_FALSE(selector->fits("cpu_total", R"(xcpu="0",mode="idle")"));
  EXPECT_TRUE(parse_selector(R"({cpu="0"})")->fits("any", R"(cpu="0")"));
  EXPECT_TRUE(parse_selector("load")->fits("load", ""));
}

TEST(SeriesSelector, AnEmptyValueFitsALabelThatIsNotThere) {
  const auto selector = parse_selector(R"(a{b=""})");
  EXPECT_TRUE(selector->fits("a", ""));
  EXPECT_FALSE(selector->fits("a", R"(b="1")"));
}

TEST(SeriesSelector, ValuesAreComparedAsTheyWereBeforeTheirEscapes) {
  const std::string value = "a\\b\"c\nd,e=\"}";
  const std::string text = label_text_of("path", value) + ",x=\"1\"";
  EXPECT_TRUE((SeriesSelector{"", {{"path", value}, {"x", "1"}}}.fits("f", text)));
  EXPECT_TRUE(parse_selector(R"(f{path="a\\b\"c\nd,e=\"}"})")->fits("f", text));
}

TEST(SeriesSelector, WhatIsNoneIsRefused) {
  for (const auto* text : {"", " ", "{}", "1a", "a b", "a{", "a{b}", "a{b=}", "a{b=\"", "a{b=\"\\\"}",
                           "a{b=\"1\"c=\"2\"}", "a{b!=\"1\"}", "a{b=~\"1\"}", "a{:=\"1\"}", "a{b=\"1\"}x", "a{,}"}) {
    EXPECT_FALSE(parse_selector(text)) << text;
  }
}

}  // namespace
}  // namespace vitalsd
