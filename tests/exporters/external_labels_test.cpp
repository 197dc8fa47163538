// Labels that every series gets, unless it has one of the name: never twice the same name on a line.
#include "exporters/external_labels.h"

#include <gtest/gtest.h>

#include "core/sink.h"
#include "exporters/text.h"

namespace vitalsd {
namespace {

constexpr Family kFamily{"m", Kind::gauge, "M."};

std::string line(std::initializer_list<std::pair<std::string_view, std::string_view>> labels,
                 std::string_view external) {
  auto block = std::make_shared<Block>();
  BlockSink sink(*block);
  std::vector<std::string_view> names, values;
  for (const auto& [name, value] : labels) names.push_back(name), values.push_back(value);
  sink.add(kFamily, names.empty() ? kNoLabels : sink.labels(names, values), 1);
  block->finish();
  std::string text;
  TextEncoder(external).encode({block}, text);
  return text.substr(text.rfind('\n', text.size() - 2) + 1);
}

TEST(ExternalLabels, StandBeforeTheSeriesOwn) {
  EXPECT_EQ(line({}, R"(a="1",b="2")"), "m{a=\"1\",b=\"2\"} 1\n");
  EXPECT_EQ(line({{"c", "3"}}, R"(a="1",b="2")"), "m{a=\"1\",b=\"2\",c=\"3\"} 1\n");
}

TEST(ExternalLabels, GiveWayToTheSeriesOwn) {
  EXPECT_EQ(line({{"b", "own"}}, R"(a="1",b="2")"), "m{a=\"1\",b=\"own\"} 1\n");
  EXPECT_EQ(line({{"a", "own"}}, R"(a="1")"), "m{a=\"own\"} 1\n");
  EXPECT_EQ(line({{"z", "9"}, {"a", "own"}}, R"(a="1",b="2")"), "m{b=\"2\",z=\"9\",a=\"own\"} 1\n");
}

TEST(ExternalLabels, AreNotFoundInOtherNamesOrValues) {
  EXPECT_EQ(line({{"ba", "x"}}, R"(a="1")"), "m{a=\"1\",ba=\"x\"} 1\n");
  EXPECT_EQ(line({{"c", ",a=\""}}, R"(a="1")"), "m{a=\"1\",c=\",a=\\\"\"} 1\n");
}

}  // namespace
}  // namespace vitalsd
