#include "exporters/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/sink.h"
#include "parse_exposition.h"

namespace vitalsd {
namespace {

constexpr std::string_view kLabel[] = {"name"};
constexpr Family kA{"a_total", Kind::counter, "First."};
constexpr Family kB{"b", Kind::gauge, "Second.", {}, kLabel};

struct Filled {
  std::shared_ptr<Block> block = std::make_shared<Block>();
  BlockSink sink{*block};
  std::shared_ptr<Block> done() {
    block->finish();
    return block;
  }
};

std::string encode(const Snapshot& snapshot, std::string external = {}) {
  std::string out;
  TextEncoder(std::move(external)).encode(snapshot, out);
  return out;
}

TEST(Text, ValuesReadBackExactly) {
  constexpr double kInf = std::numeric_limits<double>::infinity();
  const std::pair<double, std::string_view> cases[] = {
      {0, "0"},
      {-0.0, "-0"},
      {1, "1"},
      {-17, "-17"},
      {0.1, "0.1"},
      {1.0 / 3, "0.3333333333333333"},
      {9007199254740991.0, "9007199254740991"},
      {1e300, "1e+300"},
      {5e-324, "5e-324"},
      {1.7976931348623157e308, "1.7976931348623157e+308"},
      {kInf, "+Inf"},
      {-kInf, "-Inf"},
      {std::nan(""), "NaN"},
      {-std::nan(""), "NaN"},
  };
  for (const auto& [value, text] : cases) {
    std::string out;
    append_value(out, value);
    EXPECT_EQ(out, text);
    EXPECT_TRUE(same_value(std::strtod(out.c_str(), nullptr), value)) << text;
  }
}

TEST(Text, FamiliesByNameWithOneHelpAndType) {
  Filled f;
  f.sink.add(kB, {"x"}, 2);
  f.sink.add(kA, 1);
  f.sink.add(kB, {"a"}, 3);
  EXPECT_EQ(encode({f.done()}),
            "# HELP a_total First.\n# TYPE a_total counter\na_total 1\n"
            "# HELP b Second.\n# TYPE b gauge\nb{name=\"x\"} 2\nb{name=\"a\"} 3\n");
}

TEST(Text, LabelsAndHelpAreEscaped) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"plain", "plain"},
      {"", ""},
      {"back\\slash", "back\\\\slash"},
      {"a \"quote\"", "a \\\"quote\\\""},
      {"new\nline", "new\\nline"},
      {"caf\xC3\xA9", "caf\xC3\xA9"},
      {"bad\xFFzone", "bad\xEF\xBF\xBDzone"},
      {std::string_view("nul\0", 4), std::string_view("nul\0", 4)},
  };
  for (const auto& [value, escaped] : cases) {
    Filled f;
    f.sink.add(kB, {value}, 1);
    EXPECT_EQ(encode({f.done()}), "# HELP b Second.\n# TYPE b gauge\nb{name=\"" + std::string(escaped) + "\"} 1\n");
  }
  constexpr Family kHelp{"h", Kind::untyped, "A \\ \"quoted\"\nhelp."};
  Filled f;
  f.sink.add(kHelp, 1);
  EXPECT_EQ(encode({f.done()}), "# HELP h A \\\\ \"quoted\"\\nhelp.\n# TYPE h untyped\nh 1\n");
}

TEST(Text, OneFamilyOfTwoBlocksComesOutOnce) {
  constexpr Family kOther{"b", Kind::counter, "Another help."};
  Filled first, second;
  first.sink.add(kB, {"x"}, 1);
  second.sink.add(kA, 7);
  second.sink.add(kOther, 2);
  EXPECT_EQ(encode({first.done(), nullptr, second.done()}),
            "# HELP a_total First.\n# TYPE a_total counter\na_total 7\n"
            "# HELP b Second.\n# TYPE b gauge\nb{name=\"x\"} 1\nb 2\n");
}

TEST(Text, ExternalLabelsComeFirst) {
  Filled f;
  f.sink.add(kA, 1);
  f.sink.add(kB, {"x"}, 2);
  EXPECT_THAT(encode({f.done()}, "cluster=\"eu\""),
              testing::AllOf(testing::HasSubstr("\na_total{cluster=\"eu\"} 1\n"),
                             testing::HasSubstr("\nb{cluster=\"eu\",name=\"x\"} 2\n")));
}

TEST(Text, HistogramAndSummaryPartsHaveTheirSuffixes) {
  constexpr Family kHistogram{"h_seconds", Kind::histogram, "H."};
  constexpr Family kSummary{"s", Kind::summary, "S."};
  constexpr std::string_view kLe[] = {"le"}, kQuantile[] = {"quantile"}, kInf[] = {"+Inf"}, kHalf[] = {"0.5"};
  Filled f;
  f.sink.add(kHistogram, f.sink.labels(kLe, kInf), 3, Part::bucket);
  f.sink.add(kHistogram, kNoLabels, 1.5, Part::sum);
  f.sink.add(kHistogram, kNoLabels, 3, Part::count);
  f.sink.add(kSummary, f.sink.labels(kQuantile, kHalf), 9);
  f.sink.add(kSummary, kNoLabels, 18, Part::sum);
  f.sink.add(kSummary, kNoLabels, 2, Part::count);
  EXPECT_EQ(encode({f.done()}),
            "# HELP h_seconds H.\n# TYPE h_seconds histogram\nh_seconds_bucket{le=\"+Inf\"} 3\nh_seconds_sum 1.5\n"
            "h_seconds_count 3\n# HELP s S.\n# TYPE s summary\ns{quantile=\"0.5\"} 9\ns_sum 18\ns_count 2\n");
}

TEST(Text, AReusedEncoderFollowsASnapshotThatChanges) {
  TextEncoder encoder;
  Filled both, one;
  both.sink.add(kB, {"x"}, 1);
  both.sink.add(kA, 1);
  one.sink.add(kB, {"y"}, 5);
  const auto full = both.done(), partial = one.done();
  for (int round = 0; round < 2; ++round) {
    std::string out;
    encoder.encode({full}, out);
    EXPECT_EQ(out, encode({full}));
    out.clear();
    encoder.encode({partial}, out);
    EXPECT_EQ(out, "# HELP b Second.\n# TYPE b gauge\nb{name=\"y\"} 5\n");
  }
}

TEST(Text, ANewFamilyAtTheAddressOfAnOldOneHasItsOwnHead) {
  TextEncoder encoder;
  Family family{"old", Kind::gauge, "Old."};
  std::string out;
  Filled before;
  before.sink.add(family, 1);
  encoder.encode({before.done()}, out);
  family = {"new", Kind::counter, "New."};
  Filled after;
  after.sink.add(family, 2);
  out.clear();
  encoder.encode({after.done()}, out);
  EXPECT_EQ(out, "# HELP new New.\n# TYPE new counter\nnew 2\n");
}

TEST(Text, AppendsAndNothingIsNothing) {
  std::string out = "before";
  TextEncoder().encode(Snapshot(), out);
  TextEncoder().encode({std::make_shared<Block>()}, out);
  EXPECT_EQ(out, "before");
}

}  // namespace
}  // namespace vitalsd
