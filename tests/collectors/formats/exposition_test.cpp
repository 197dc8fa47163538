#include "collectors/formats/exposition.h"

#include <gtest/gtest.h>

#include <cmath>

namespace vitalsd {
namespace {

class ExpositionTest : public testing::Test {
 protected:
  std::optional<ExpositionError> parse(const std::string& given) {
    text = given;
    return exposition::parse(text, {.samples = 5, .labels = 3}, read);
  }
  void refused(const std::string& given, std::size_t line, std::size_t column) {
    const auto error = parse(given);
    ASSERT_TRUE(error) << given;
    EXPECT_EQ(error->line, line) << given << error->what;
    EXPECT_EQ(error->column, column) << given << error->what;
  }
  std::string text;
  Exposition read;
};

TEST_F(ExpositionTest, IsRead) {
  ASSERT_FALSE(
      parse("# a comment\n\n# HELP h \\\\ two\\nlines\n# TYPE h histogram\nh_bucket{le=\"1\"} 1\n"
            "h_sum 2.5\nh_count 1\n  g { a = \"q\\\"\" , } +Inf\nn NaN 17\n"));
  ASSERT_EQ(read.families.size(), 3U);
  EXPECT_EQ(read.families[0].help, "\\ two\nlines");
  EXPECT_EQ(read.families[0].kind, Kind::histogram);
  EXPECT_EQ(read.families[1].kind, Kind::untyped);
  ASSERT_EQ(read.samples.size(), 5U);
  EXPECT_EQ(read.samples[0].part, Part::bucket);
  EXPECT_EQ(read.samples[1].value, 2.5);
  EXPECT_EQ(read.samples[3].labels, 1U);
  EXPECT_EQ(read.labels[1].value, "q\"");
  EXPECT_TRUE(std::isinf(read.samples[3].value));
  EXPECT_TRUE(read.timestamps);
}

TEST_F(ExpositionTest, ErrorsSayWhere) {
  refused("a 1\nb x\n", 2, 3);
  refused("a{b=1} 1\n", 1, 5);
  refused("a{b=\"1} 1\n", 1, 10);
  refused("a{b=\"\\x\"} 1\n", 1, 7);
  refused("a{b=\"1\",b=\"2\"} 1\n", 1, 9);
  refused("a 1 2 3\n", 1, 7);
  refused("a 1\na 2\n", 2, 1);
  refused("a{x=\"1\",y=\"2\"} 1\na{y=\"2\",x=\"1\"} 1\n", 2, 1);
  refused("a 1\n# TYPE a gauge\n", 2, 10);
  refused("# TYPE a thing\n", 1, 10);
  refused("# TYPE h histogram\nh_bucket 1\n", 2, 1);
  refused("# TYPE h histogram\nh 1\n", 2, 1);
  refused("a 12", 1, 5);
  refused("1a 1\n", 1, 1);
  refused("a 1\nb 1\nc 1\nd 1\ne 1\nf 1\n", 6, 1);
  refused("a{b=\"\",c=\"\",d=\"\",e=\"\"} 1\n", 1, 18);
}

}  // namespace
}  // namespace vitalsd
