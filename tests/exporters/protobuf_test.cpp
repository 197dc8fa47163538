#include "exporters/protobuf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "core/native_samples.h"
#include "core/sink.h"
#include "parse_protobuf.h"

namespace vitalsd {
namespace {

constexpr std::string_view kLabel[] = {"name"}, kLe[] = {"le"}, kLabelLe[] = {"name", "le"}, kQuantile[] = {"quantile"};
constexpr Family kGauge{"b_bytes", Kind::gauge, "Second.", "bytes", kLabel};
constexpr Family kCounter{"a_seconds_total", Kind::counter, "First.", "seconds"};
constexpr Family kUntyped{"c", Kind::untyped, "Third."};
constexpr Family kHistogram{"h_seconds", Kind::histogram, "H."};
constexpr Family kSummary{"s", Kind::summary, "S."};

class ProtobufTest : public testing::Test {
 protected:
  Snapshot snapshot() {
    block_->finish();
    return {block_};
  }
  ParsedProtobuf parsed(std::string_view external = {}, bool dots = false) {
    Arrangement arrangement;
    arrangement.arrange(snapshot());
    std::string out;
    ProtobufEncoder(external, dots).encode(arrangement, out);
    auto result = parse_protobuf(out);
    EXPECT_TRUE(result);
    return result.value_or(ParsedProtobuf());
  }
  ParsedText as_text(std::string_view external = {}) {
    std::string out;
    TextEncoder(external).encode(snapshot(), out);
    auto result = parse_exposition(out);
    EXPECT_TRUE(result);
    return result.value_or(ParsedText());
  }
  void add_bucket(std::string_view name, std::string_view le, double count) {
    const std::string_view values[] = {name, le};
    sink_.add(kHistogram, sink_.labels(kLabelLe, values), count, Part::bucket);
  }
  void add_histogram(std::string_view name, double first, double all, double sum) {
    add_bucket(name, "0.5", first);
    add_bucket(name, "+Inf", all);
    const LabelId own = sink_.labels(kLabel, {&name, 1});
    sink_.add(kHistogram, own, sum, Part::sum);
    sink_.add(kHistogram, own, all, Part::count);
  }

  std::shared_ptr<Block> block_ = std::make_shared<Block>();
  BlockSink sink_{*block_};
};

TEST_F(ProtobufTest, SaysWhatTextSays) {
  constexpr double kInf = std::numeric_limits<double>::infinity();
  sink_.add(kGauge, {"x"}, 0.1);
  sink_.add(kGauge, {"quote \" back \\ line \n"}, kInf);
  sink_.add(kGauge, {""}, std::nan(""));
  sink_.add(kCounter, 12345678901);
  sink_.add(kUntyped, -0.0);
  add_histogram("one", 1, 3, 4.5);
  add_histogram("two", 0, 0, 0);
  const std::string_view half = "0.5";
  sink_.add(kSummary, sink_.labels(kQuantile, {&half, 1}), 9);
  sink_.add(kSummary, kNoLabels, 18, Part::sum);
  sink_.add(kSummary, kNoLabels, 2, Part::count);
  for (const auto* external : {"", "cluster=\"e\\\"u\""}) {
    const auto ours = parsed(external).text, text = as_text(external);
    EXPECT_EQ(ours.help, text.help);
    EXPECT_EQ(ours.types, text.types);
    ASSERT_EQ(ours.values.size(), text.values.size());
    for (auto a = ours.values.begin(), b = text.values.begin(); a != ours.values.end(); ++a, ++b) {
      EXPECT_EQ(a->first, b->first);
      EXPECT_TRUE(same_value(a->second, b->second)) << a->first.first;
    }
  }
}

TEST_F(ProtobufTest, UnitsAreToldWhereTheNameEndsInThem) {
  sink_.add(kGauge, {"x"}, 1);
  sink_.add(kCounter, 1);
  sink_.add(kUntyped, 1);
  EXPECT_EQ(parsed().units, (std::map<std::string, std::string>{{"a_seconds_total", "seconds"}, {"b_bytes", "bytes"}}));
}

TEST_F(ProtobufTest, ANativeHistogramStandsBesideItsBuckets) {
  NativeHistogram native;
  for (const double value : {0.0, 1.0, 1.0, 4.0}) native.observe(value);
  add_histogram("one", 1, 4, native.sum());
  const std::string_view name = "one";
  add_native(sink_, kHistogram, sink_.labels(kLabel, {&name, 1}), native);
  add_histogram("none", 0, 1, 1);
  const auto result = parsed();
  ASSERT_EQ(result.natives.size(), 1U);
  const auto& [series, read] = *result.natives.begin();
  EXPECT_EQ(series, (ParsedText::Series{"h_seconds", {{"name", "one"}}}));
  EXPECT_EQ(read.schema, 3);
  EXPECT_EQ(read.zero_threshold, 0x1p-128);
  EXPECT_EQ(read.zero, 1U);
  EXPECT_EQ(read.count, 4U);
  EXPECT_EQ(read.sum, 6);
  EXPECT_EQ(read.offset, 0) << "(2^(-1/8), 1]";
  EXPECT_EQ(read.length, read.buckets.size());
  std::vector<std::int64_t> expected(17, 0);
  expected.front() = 2;
  expected.back() = 1;
  EXPECT_EQ(read.buckets, expected);
}

TEST_F(ProtobufTest, ANativeHistogramWithoutBucketsIsOneAllTheSame) {
  NativeHistogram native;
  native.observe(0);
  sink_.add(kHistogram, kNoLabels, 1, Part::count);
  add_native(sink_, kHistogram, kNoLabels, native);
  const auto result = parsed();
  ASSERT_EQ(result.natives.size(), 1U);
  EXPECT_EQ(result.natives.begin()->second.zero, 1U);
  EXPECT_EQ(result.natives.begin()->second.length, 0U);
}

TEST_F(ProtobufTest, TwoHistogramsWithoutLabelsOfTheirOwnStayApart) {
  for (int i = 0; i < 2; ++i) {
    const std::string_view le = "1";
    sink_.add(kHistogram, sink_.labels(kLe, {&le, 1}), 1, Part::bucket);
    sink_.add(kHistogram, kNoLabels, 1, Part::sum);
    sink_.add(kHistogram, kNoLabels, 1, Part::count);
  }
  Arrangement arrangement;
  arrangement.arrange(snapshot());
  std::string out;
  ProtobufEncoder().encode(arrangement, out);
  EXPECT_FALSE(parse_protobuf(out)) << "the same series twice, as it was collected";
}

TEST_F(ProtobufTest, OneFamilyOfTwoBlocksComesOutOnce) {
  sink_.add(kGauge, {"x"}, 1);
  auto other = std::make_shared<Block>();
  BlockSink sink(*other);
  sink.add(kGauge, {"y"}, 2);
  other->finish();
  Snapshot both = snapshot();
  both.push_back(other);
  Arrangement arrangement;
  arrangement.arrange(both);
  std::string out;
  ProtobufEncoder().encode(arrangement, out);
  const auto result = parse_protobuf(out);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->text.values.size(), 2U);
}

TEST_F(ProtobufTest, DotsDoubleTheUnderscoresOfNames) {
  sink_.add(kCounter, 1);
  const auto result = parsed("ex_t=\"1_2\"", true);
  EXPECT_EQ(result.text.values.begin()->first, (ParsedText::Series{"a__seconds__total", {{"ex__t", "1_2"}}}));
}

}  // namespace
}  // namespace vitalsd
