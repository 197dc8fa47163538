// What goes into chunks comes out again, bit by bit: whatever the values, their gaps and the order of magnitude.
#include "daemon/history/chunk.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <random>
#include <vector>

namespace vitalsd {
namespace {

struct Written {
  std::uint32_t round;
  double value;
};

// Through as many chunks as it takes; returns how many.
std::size_t round_trip(const std::vector<Written>& values, bool steady) {
  std::vector<Chunk> chunks;
  ChunkWriter writer(steady);
  for (const auto& [round, value] : values) {
    if (!chunks.empty() && writer.append(chunks.back(), round, value)) continue;
    chunks.emplace_back();
    writer.begin(chunks.back(), round, value);
  }
  std::size_t next = 0;
  for (const Chunk& chunk : chunks) {
    ChunkReader reader(chunk);
    EXPECT_EQ(chunk.first, values[next].round);
    for (std::size_t i = 0; reader.next(); ++i, ++next) {
      if (next == values.size()) return ADD_FAILURE() << "more than was written", 0;
      EXPECT_EQ(reader.round(), values[next].round);
      if (std::bit_cast<std::uint64_t>(reader.value()) != std::bit_cast<std::uint64_t>(values[next].value)) {
        return ADD_FAILURE() << "value " << next << ": " << reader.value() << ", not " << values[next].value, 0;
      }
    }
    EXPECT_EQ(chunk.last, values[next - 1].round);
  }
  EXPECT_EQ(next, values.size());
  return chunks.size();
}

std::vector<Written> in_rounds(const std::vector<double>& values) {
  std::vector<Written> written;
  for (const double value : values) written.push_back({static_cast<std::uint32_t>(written.size()) + 7, value});
  return written;
}

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(Chunk, ValuesComeBackBitByBit) {
  const double strange = std::bit_cast<double>(0x7FF8'0000'0000'BEEFULL);
  const std::vector<double> values = {0,
                                      0.0,
                                      -0.0,
                                      1,
                                      1,
                                      0.01,
                                      0.07,
                                      1e9,
                                      1e18,
                                      -5,
                                      -5.5,
                                      kInfinity,
                                      -kInfinity,
                                      0,
                                      NAN,
                                      NAN,
                                      2,
                                      5e-324,
                                      0.1,
                                      0.1 + 0.2,
                                      1.0 / 3,
                                      1e300,
                                      strange,
                                      3,
                                      4,
                                      5,
                                      6,
                                      1e-9,
                                      7,
                                      9007199254740993.0,
                                      1.7976931348623157e308,
                                      123456.789,
                                      123456.790,
                                      123456.791};
  for (const bool steady : {false, true}) round_trip(in_rounds(values), steady);
}

TEST(Chunk, WalksOfAllKindsComeBack) {
  std::mt19937_64 random(42);
  const auto pick = [&](int most) { return static_cast<int>(random() % static_cast<unsigned>(most)); };
  constexpr double kUnits[] = {1, 4096, 0.01, 1e-3, 1e-6, 1e-9, 0.3};
  for (int walk = 0; walk < 2000; ++walk) {
    std::vector<Written> written;
    std::uint32_t round = static_cast<std::uint32_t>(random());
    round %= 1000000;
    const double unit = kUnits[pick(7)];
    double value = static_cast<double>(pick(1 << 30));
    for (int i = 0; i < 300; ++i) {
      const int kind = pick(100);
      if (kind < 70) value += static_cast<double>(pick(200) - 50);
      if (kind == 70) value = -value;
      if (kind == 71) value *= 1e5;
      if (kind == 72) value = 0;
      double shown = value * unit;
      if (kind == 73) shown = std::bit_cast<double>(random());
      if (kind == 74) shown = NAN;
      if (kind == 75) shown = kInfinity;
      if (kind == 76) round += static_cast<std::uint32_t>(pick(600));
      written.push_back({round++, shown});
    }
    round_trip(written, walk % 2 == 0);
    if (testing::Test::HasFailure()) FAIL() << "walk " << walk;
  }
}

TEST(Chunk, WhatStandsStillTakesABitEach) {
  EXPECT_EQ(round_trip(in_rounds(std::vector<double>(800, 0.37)), false), 1U);
  std::vector<double> ticks;
  for (int i = 0; i < 800; ++i) ticks.push_back((5000 + 99 * i) / 100.0);
  EXPECT_LE(round_trip(in_rounds(ticks), true), 2U) << "a steady counter of ticks";
}

TEST(Chunk, AGapOfAnyLengthIsNone) {
  for (const std::uint32_t gap : {1U, 2U, 255U, 256U, 257U, 258U, 1000U}) {
    const std::size_t chunks = round_trip({{0, 1}, {gap, 2}, {gap + 1, 3}}, false);
    EXPECT_EQ(chunks, gap <= 257 ? 1U : 2U) << gap;
  }
}

TEST(Chunk, WhatHasNoRoomChangesNothing) {
  Chunk chunk;
  ChunkWriter writer;
  writer.begin(chunk, 0, 0.1);
  std::mt19937_64 random(1);
  std::uint32_t round = 1;
  while (writer.append(chunk, round, std::bit_cast<double>(random()))) ++round;
  const Chunk before = chunk;
  EXPECT_FALSE(writer.append(chunk, round, 1.0 / 7));
  EXPECT_EQ(chunk.count, before.count);
  EXPECT_EQ(chunk.bits, before.bits);
  EXPECT_EQ(chunk.data, before.data);
}

}  // namespace
}  // namespace vitalsd
