#include "core/lines.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace vitalsd {
namespace {

struct Kept final : FaultSink {
  void partial(std::string_view entity, std::string_view, const Error& error, std::string_view) override {
    faults.push_back(std::string(entity) + ": " + std::string(name_of(error.code)));
  }
  std::vector<std::string> faults;
};

struct Read {
  explicit Read(std::string_view text) {
    Lines lines(text, "test", sink);
    while (lines.next()) {
      const auto word = lines->word();
      const auto number = lines->integer();
      if (word == "heading") {
        lines.skip();
      } else if (lines.keep()) {
        values.emplace_back(word, number);
      }
    }
    result = lines.result();
  }
  Kept sink;
  std::vector<std::pair<std::string, std::uint64_t>> values;
  Result<void> result;
};

TEST(Lines, ABadLineCostsItself) {
  const Read read("a 1\nb -1\n\nc 3");
  EXPECT_TRUE(read.result);
  EXPECT_EQ(read.values, (std::vector<std::pair<std::string, std::uint64_t>>{{"a", 1}, {"c", 3}}));
  EXPECT_EQ(read.sink.faults, std::vector<std::string>{"b: malformed"});
}

TEST(Lines, NothingUsableIsMalformed) {
  EXPECT_FALSE(Read("").result);
  EXPECT_FALSE(Read("\n \n").result);
  EXPECT_FALSE(Read("a\nb x\n").result);
  EXPECT_EQ(Read("a\nb x\n").result.error().code, Errc::malformed);
}

TEST(Lines, AHeadingIsUnderstoodAndGivesNothing) {
  const Read read("heading\n");
  EXPECT_TRUE(read.result);
  EXPECT_TRUE(read.sink.faults.empty());
}

TEST(Lines, AKeyInAFaultIsBounded) {
  EXPECT_EQ(Read(std::string(5000, 'x')).sink.faults.front().size(), 64 + std::string(": malformed").size());
}

}  // namespace
}  // namespace vitalsd
