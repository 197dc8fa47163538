// Tests gunzip() with the output of our own compressor.
#include "exporters/gunzip.h"

#include <gtest/gtest.h>

#include "exporters/gzip.h"

namespace vitalsd {
namespace {

std::string gzipped(std::string_view text) {
  std::string out;
  EXPECT_TRUE(GzipCompressor().compress(text, out));
  return out;
}

TEST(Gunzip, UndoesAllMembers) {
  const std::string long_text(1'000'000, 'x');
  std::string out;
  EXPECT_EQ(gunzip(gzipped(long_text) + gzipped("") + gzipped("abc"), 1'000'003, out), Gunzip::done);
  EXPECT_EQ(out, long_text + "abc");
}

TEST(Gunzip, TakesManyEmptyMembersAsOne) {
  const std::string empty = gzipped("");
  std::string in, out;
  for (int i = 0; i < 100'000; ++i) in += empty;
  EXPECT_EQ(gunzip(in + gzipped("abc"), 20'000'000, out), Gunzip::done);
  EXPECT_EQ(out, "abc");
}

TEST(Gunzip, StopsAtTheLimit) {
  std::string out;
  EXPECT_EQ(gunzip(gzipped(std::string(1'000'000, 'x')), 999'999, out), Gunzip::too_large);
  EXPECT_LT(out.capacity(), 2'000'000U);
  EXPECT_EQ(gunzip(gzipped("abc") + gzipped("d"), 3, out), Gunzip::too_large);
}

TEST(Gunzip, RefusesWhatIsDamaged) {
  const std::string whole = gzipped("some text");
  std::string out, flipped = whole;
  flipped[flipped.size() - 6] ^= 1;
  for (const std::string& bad :
       {std::string(), std::string("text"), whole.substr(0, whole.size() - 1), flipped, whole + "x"}) {
    EXPECT_EQ(gunzip(bad, 1000, out), Gunzip::damaged);
  }
}

}  // namespace
}  // namespace vitalsd
