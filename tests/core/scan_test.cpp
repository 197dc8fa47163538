// The cursor over kernel text.
#include "core/scan.h"

#include <gtest/gtest.h>

namespace vitalsd {
namespace {

TEST(Scan, ReadsALineAsItsFormatReads) {
  Scan scan("cpu0  12 0x1f -7 0.25 rest of it\nnext", "test");
  EXPECT_EQ(scan.word(), "cpu0");
  EXPECT_EQ(scan.integer(), 12U);
  EXPECT_TRUE(scan.accept("0x"));
  EXPECT_EQ(scan.integer(16), 0x1fU);
  EXPECT_EQ(scan.integer<int>(), -7);
  EXPECT_EQ(scan.number(), 0.25);
  scan.expect("rest");
  EXPECT_EQ(scan.line(), " of it");
  EXPECT_EQ(scan.rest(), "next");
  EXPECT_TRUE(scan.ok());
  EXPECT_EQ(scan.line(), "next");
  EXPECT_TRUE(scan.at_end());
  EXPECT_EQ(scan.line(), "");
  EXPECT_TRUE(scan.ok());
}

TEST(Scan, StopsAtTheEndOfTheLine) {
  Scan scan("a\nb", "test");
  EXPECT_EQ(scan.word(), "a");
  EXPECT_EQ(scan.optional_word(), "");
  EXPECT_TRUE(scan.ok());
  EXPECT_EQ(scan.word(), "");
  EXPECT_FALSE(scan.ok());
  EXPECT_EQ(scan.rest(), "\nb");
}

TEST(Scan, Until) {
  Scan scan("1 (a) b) S", "test");
  EXPECT_EQ(scan.until('('), "1 ");
  EXPECT_EQ(scan.until(')'), "a");
  EXPECT_EQ(scan.until('x'), "");
  EXPECT_FALSE(scan.ok());
  EXPECT_EQ(scan.rest(), " b) S");
}

TEST(Scan, AcceptTakesOnlyWhatIsNext) {
  Scan scan(" \tkB x", "test");
  EXPECT_FALSE(scan.accept("MB"));
  EXPECT_TRUE(scan.ok());
  EXPECT_TRUE(scan.accept("kB"));
  EXPECT_EQ(scan.expect("y").rest(), "x");
  EXPECT_FALSE(scan.ok());
}

TEST(Scan, NumbersAreWholeWordsInRange) {
  const auto fails = [](std::string_view text, auto read) {
    Scan scan(text, "test");
    return read(scan) == 0 && !scan.ok();
  };
  const auto unsigned_integer = [](Scan& scan) { return scan.integer(); };
  const auto byte = [](Scan& scan) { return scan.integer<std::uint8_t>(); };
  const auto number = [](Scan& scan) { return scan.number(); };
  for (const char* text : {"", "\n1", "x", "-1", "+1", "1x", "1.5", "18446744073709551616"}) {
    EXPECT_TRUE(fails(text, unsigned_integer)) << text;
  }
  EXPECT_TRUE(fails("256", byte));
  for (const char* text : {"", "x", "1.5x", "1,5"}) EXPECT_TRUE(fails(text, number)) << text;
  Scan most("18446744073709551615", "test");
  EXPECT_EQ(most.integer(), 18446744073709551615U);
}

TEST(Scan, LatchesItsFirstFailure) {
  Scan scan("x 5", "format");
  scan.integer();
  EXPECT_EQ(scan.integer(), 0U);  // a value that is read after a failure means nothing
  EXPECT_FALSE(scan.ok());
  EXPECT_EQ(scan.error().code, Errc::malformed);
  EXPECT_EQ(scan.error().where, "format");
  Scan set("5", "format");
  set.set_failed();
  EXPECT_FALSE(set.ok());
}

TEST(ParseNumber, TakesTheWholeText) {
  EXPECT_EQ(parse_number<int>("-12", "n"), -12);
  EXPECT_EQ(parse_number<double>("1e3", "n"), 1000);
  for (const char* text : {"", " 1", "1 ", "1x", "99999999999"}) {
    const auto result = parse_number<int>(text, "n");
    ASSERT_FALSE(result) << text;
    EXPECT_EQ(result.error().where, "n");
  }
}

}  // namespace
}  // namespace vitalsd
