// Numbers of JSON texts by pointers: the examples of RFC 6901, and texts that are none.
#include "collectors/formats/json_values.h"

#include <gtest/gtest.h>

namespace vitalsd {
namespace {

Errc error_at(const JsonNumbers& numbers, std::string_view pointer) {
  const auto value = numbers.at(pointer);
  return value ? Errc::would_open : value.error().code;
}

TEST(JsonNumbers, AreFoundByPointers) {
  const JsonNumbers numbers(
      R"({"foo":[7,2.5],"":0,"a/b":1,"c%d":2,"m~n":8,"x":{"y":18446744073709551615,"z":-1,"t":true}})");
  ASSERT_TRUE(numbers.ok());
  EXPECT_EQ(numbers.at("/foo/0"), 7);
  EXPECT_EQ(numbers.at("/foo/1"), 2.5);
  EXPECT_EQ(numbers.at("/"), 0);
  EXPECT_EQ(numbers.at("/a~1b"), 1);
  EXPECT_EQ(numbers.at("/c%d"), 2);
  EXPECT_EQ(numbers.at("/m~0n"), 8);
  EXPECT_EQ(numbers.at("/x/y"), 18446744073709551615.0);
  EXPECT_EQ(numbers.at("/x/z"), -1);
  EXPECT_EQ(numbers.at("/x/t"), 1);
  EXPECT_EQ(JsonNumbers("5\n").at(""), 5);
}

TEST(JsonNumbers, AreAbsentWhereThereAreNone) {
  const JsonNumbers numbers(R"({"n":null,"s":"5","l":[1]})");
  EXPECT_EQ(error_at(numbers, "/n"), Errc::unavailable);
  EXPECT_EQ(error_at(numbers, "/x"), Errc::unavailable);
  EXPECT_EQ(error_at(numbers, "/l/1"), Errc::unavailable);
  EXPECT_EQ(error_at(numbers, "/l/-"), Errc::unavailable);
  EXPECT_EQ(error_at(numbers, "/s"), Errc::malformed);
  EXPECT_EQ(error_at(numbers, "/l"), Errc::malformed);
}

TEST(JsonNumbers, NeedWellFormedText) {
  for (const char* text : {"", "{", "{\"a\":1} x", "nan", "\xff", "{\"a\":1,}"})
    EXPECT_FALSE(JsonNumbers(text).ok()) << text;
  EXPECT_FALSE(JsonNumbers(std::string(100'000, '[')).ok());
  EXPECT_EQ(error_at(JsonNumbers("{"), ""), Errc::malformed);
}

TEST(JsonPointers, AreChecked) {
  for (const char* good : {"", "/", "/a/0", "/a~0b~1c"}) EXPECT_TRUE(is_json_pointer(good)) << good;
  for (const char* bad : {"a", "/~", "/a~2", "/~0~"}) EXPECT_FALSE(is_json_pointer(bad)) << bad;
}

}  // namespace
}  // namespace vitalsd
