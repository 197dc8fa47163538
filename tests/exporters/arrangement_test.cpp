// Families in the order of their names, and what two blocks both have: once, and that of the program's own collector.
#include "exporters/arrangement.h"

#include <gtest/gtest.h>

#include "core/sink.h"
#include "exporters/encoders.h"

namespace vitalsd {
namespace {

constexpr std::string_view kLabels[] = {"a", "b"}, kTurned[] = {"b", "a"};
constexpr Family kFirst{"m", Kind::gauge, "First.", "", kLabels}, kSecond{"m", Kind::counter, "Second.", "", kTurned};
constexpr Family kWhole{"m", Kind::histogram, "Third.", ""};

std::string text_of(const Snapshot& snapshot, Encoders& encoders) {
  std::string text;
  encoders.encode(snapshot, {}, text);
  return text;
}

template <class Fill>
std::shared_ptr<Block> block(Fill fill) {
  auto block = std::make_shared<Block>();
  BlockSink sink(*block);
  fill(sink);
  block->finish();
  return block;
}

TEST(Arrangement, ASeriesOfTwoBlocksComesOutOnce) {
  const auto first = block([](Sink& sink) { sink.add(kFirst, {"1", "2"}, 1); });
  const auto second = block([](Sink& sink) {
    sink.add(kSecond, {"2", "1"}, 7);  // the same labels in another order
    sink.add(kSecond, {"3", "1"}, 8);
  });
  Encoders encoders;
  EXPECT_EQ(text_of({first, second}, encoders),
            "# HELP m First.\n# TYPE m gauge\nm{a=\"1\",b=\"2\"} 1\nm{b=\"3\",a=\"1\"} 8\n");
  EXPECT_EQ(encoders.left_out().family, "m");
  EXPECT_EQ(encoders.left_out().samples, 1U);
  text_of({first}, encoders);
  EXPECT_EQ(encoders.left_out().samples, 0U);
}

TEST(Arrangement, AnEmptyLabelIsNone) {
  const auto first = block([](Sink& sink) { sink.add(kFirst, {"1", ""}, 1); });
  const auto second = block([](Sink& sink) { sink.add(kSecond, {"", "1"}, 7); });
  Encoders encoders;
  text_of({first, second}, encoders);
  EXPECT_EQ(encoders.left_out().samples, 1U);
}

TEST(Arrangement, AnotherShapeUnderTheSameNameIsLeftOut) {
  const auto first = block([](Sink& sink) { sink.add(kFirst, {"1", "2"}, 1); });
  const auto second = block([](Sink& sink) {
    sink.add(kWhole, kNoLabels, 5, Part::sum);
    sink.add(kWhole, kNoLabels, 2, Part::count);
  });
  Encoders encoders;
  EXPECT_EQ(text_of({first, second}, encoders), "# HELP m First.\n# TYPE m gauge\nm{a=\"1\",b=\"2\"} 1\n");
  EXPECT_EQ(encoders.left_out().samples, 2U);
}

}  // namespace
}  // namespace vitalsd
