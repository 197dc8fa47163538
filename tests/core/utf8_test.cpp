// Which bytes are UTF-8 (RFC 3629), and what replaces those that are not.
#include "core/utf8.h"

#include <gtest/gtest.h>

namespace vitalsd {
namespace {

TEST(Utf8Length, FollowsTheStandardAtItsEdges) {
  const std::pair<std::string, std::size_t> cases[] = {
      {"", 0},
      {std::string(1, '\0'), 1},
      {"a\xff", 1},
      {"\x7f", 1},
      {"\x80", 0},
      {"\xc1\xbf", 0},  // overlong
      {"\xc2\x80", 2},
      {"\xc3\xa4x", 2},
      {"\xc3", 0},
      {"\xc3x", 0},
      {"\xe0\x9f\xbf", 0},  // overlong
      {"\xe0\xa0\x80", 3},
      {"\xed\x9f\xbf", 3},
      {"\xed\xa0\x80", 0},  // surrogate
      {"\xee\x80\x80", 3},
      {"\xe2\x82", 0},
      {"\xe2\x82x", 0},
      {"\xf0\x8f\xbf\xbf", 0},  // overlong
      {"\xf0\x90\x80\x80", 4},
      {"\xf4\x8f\xbf\xbf", 4},
      {"\xf4\x90\x80\x80", 0},  // beyond U+10FFFF
      {"\xf5\x80\x80\x80", 0},
      {"\xff", 0},
  };
  for (const auto& [text, length] : cases) EXPECT_EQ(utf8_length(text), length) << testing::PrintToString(text);
}

TEST(AppendValidUtf8, ReplacesEachBadByte) {
  const auto copy = [](std::string_view text) {
    std::string out = ">";
    append_valid_utf8(out, text, [](std::string& to, char c) { to += c == 'x' ? '!' : c; });
    return out;
  };
  const std::string bad = "\xef\xbf\xbd";
  EXPECT_EQ(copy("axb"), ">a!b");
  EXPECT_EQ(copy("\xc3\xa4x\xf0\x9f\x98\x80"), ">\xc3\xa4!\xf0\x9f\x98\x80");
  EXPECT_EQ(copy("a\xff\xfe"
                 "b"),
            ">a" + bad + bad + "b");
  EXPECT_EQ(copy("\xe2\x82"), ">" + bad + bad);
  EXPECT_EQ(copy("\xed\xa0\x80"), ">" + bad + bad + bad);
}

}  // namespace
}  // namespace vitalsd
