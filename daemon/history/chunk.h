// A piece of one series, compressed: Gorilla's scheme (Pelkonen et al., VLDB 2015) for values that are no short
// decimals, and steps of whole numbers for those that are (ticks of 1/100 s, bytes, microseconds), which XOR packs
// badly.
//   ChunkWriter writer; if (!writer.append(chunk, round, value)) ...a new chunk...; ChunkReader reader(chunk);
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>

namespace vitalsd {

/// Values are of rounds: the numbers of a collector's runs, one apart where nothing was missed.
struct Chunk {
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

  std::uint32_t next = kNone;  ///< of the same series, or of the free ones: an index into the arena
  std::uint32_t first = 0;     ///< round of the first value
  std::uint32_t last = 0;      ///< and of the last one
  std::uint16_t count = 0;
  std::uint16_t bits = 0;  ///< in use
  std::uint8_t scale = 0;  ///< of the first value, see Progress
  bool steady = false;     ///< grows at a steady pace: what is written is how much the step differs from the last one
  std::array<std::uint8_t, 110> data{};
};
static_assert(sizeof(Chunk) == 128);

/// What writer and reader both know after a value.
struct Progress {
  static constexpr std::array<double, 5> kScales = {1, 100, 1e3, 1e6, 1e9};

  std::uint64_t bits = 0;             ///< of the value
  std::optional<std::int64_t> whole;  ///< value * kScales[scale], where that is a whole number and gives the value back
  std::int64_t step = 0;              ///< from the value before
  std::uint32_t round = 0;
  std::uint8_t scale = 0;

  void begin(double value) noexcept;
  void go_on(double value, bool steady) noexcept;
  void rescale(std::uint8_t to) noexcept;
  std::int64_t expected(bool steady) const noexcept { return *whole + (steady ? step : 0); }
};

/// Writes into the newest chunk of one series; kept beside it.
class ChunkWriter {
 public:
  explicit ChunkWriter(bool steady = false) : steady_(steady) {}

  /// Empties the chunk and makes the value its first.
  void begin(Chunk& chunk, std::uint32_t round, double value);
  /// False, and nothing changes, when the value has no room, or its round is too far from the last one. Rounds rise.
  bool append(Chunk& chunk, std::uint32_t round, double value);

 private:
  Progress at_;
  bool steady_;
};

/// Gives the values back. The chunk must not change meanwhile.
class ChunkReader {
 public:
  explicit ChunkReader(const Chunk& chunk) : chunk_(&chunk) {}

  bool next();
  std::uint32_t round() const noexcept { return at_.round; }
  double value() const noexcept;

 private:
  std::uint64_t take(unsigned bits);
  unsigned ones(unsigned most);
  void read_value(unsigned code);

  const Chunk* chunk_;
  Progress at_;
  unsigned position_ = 0;
  std::uint16_t read_ = 0;
};

}  // namespace vitalsd
