#include "daemon/history/chunk.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace vitalsd {
namespace {

constexpr unsigned kCapacity = sizeof(Chunk::data) * 8;
constexpr double kMostWhole = 9007199254740992.0;  // 2^53

// A code is some ones, a zero (but for the longest), and its bits. One value is at most a gap, a scale and itself.
enum Code : unsigned { kSame, kShortStep, kStep, kLongStep, kXor, kRescale, kGap };
constexpr unsigned kLongestCode = kGap;
constexpr std::array<unsigned, 4> kStepBits = {0, 7, 14, 24};
constexpr unsigned kScaleBits = 3, kGapBits = 8, kLeadingBits = 5, kLengthBits = 6;
constexpr std::uint32_t kLongestGap = 1U << kGapBits;

constexpr unsigned prefix_bits(unsigned code) { return code == kLongestCode ? code : code + 1; }
constexpr std::uint64_t prefix_of(unsigned code) {
  const std::uint64_t ones = (std::uint64_t{1} << code) - 1;
  return code == kLongestCode ? ones : ones << 1;
}

std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}
std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
}

double scaled_down(std::int64_t whole, std::uint8_t scale) {
  return static_cast<double>(whole) / Progress::kScales[scale];
}

std::optional<std::int64_t> whole_of(double value, std::uint8_t scale) {
  const double scaled = value * Progress::kScales[scale];
  if (!(std::abs(scaled) < kMostWhole)) return std::nullopt;
  const std::int64_t whole = std::llrint(scaled);
  if (std::bit_cast<std::uint64_t>(scaled_down(whole, scale)) != std::bit_cast<std::uint64_t>(value))
    return std::nullopt;
  return whole;
}

// What is to be written for one value, counted before it is.
class Codes {
 public:
  void add(std::uint64_t bits, unsigned count) { fields_[size_++] = {bits, count}, length_ += count; }
  void add(Code code) { add(prefix_of(code), prefix_bits(code)); }
  bool write(Chunk& chunk) const {
    if (chunk.bits + length_ > kCapacity) return false;
    for (std::size_t i = 0; i < size_; ++i) {
      for (unsigned left = fields_[i].count; left != 0;) {
        const unsigned room = 8 - chunk.bits % 8, now = std::min(room, left);
        left -= now;
        const std::uint64_t part = fields_[i].bits >> left & ((1U << now) - 1);
        std::uint8_t& byte = chunk.data[chunk.bits / 8];
        byte = static_cast<std::uint8_t>(byte | part << (room - now));
        chunk.bits = static_cast<std::uint16_t>(chunk.bits + now);
      }
    }
    return true;
  }

 private:
  struct Field {
    std::uint64_t bits;
    unsigned count;
  };
  std::array<Field, 8> fields_;
  std::size_t size_ = 0;
  unsigned length_ = 0;
};

void add_value(Codes& codes, const Progress& at, double value, bool steady) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  if (at.whole) {
    if (const auto whole = whole_of(value, at.scale)) {
      const std::uint64_t off = zigzag(*whole - at.expected(steady));
      for (const Code code : {kSame, kShortStep, kStep, kLongStep}) {
        if (off >> kStepBits[code] != 0) continue;
        codes.add(code);
        codes.add(off, kStepBits[code]);
        return;
      }
    }
  } else if (bits == at.bits) {
    codes.add(kSame);
    return;
  }
  const std::uint64_t difference = bits ^ at.bits;
  const auto leading = static_cast<unsigned>(std::min(std::countl_zero(difference), (1 << kLeadingBits) - 1));
  const auto trailing = difference == 0 ? 63U : static_cast<unsigned>(std::countr_zero(difference));
  const unsigned length = 64 - leading - std::min(trailing, 63 - leading);
  codes.add(kXor);
  codes.add(leading, kLeadingBits);
  codes.add(length - 1, kLengthBits);
  codes.add(difference >> (64 - leading - length), length);
}

// The coarsest scale in which the value is whole, at least `from`; none: `from` itself.
std::uint8_t scale_of(double value, std::uint8_t from) {
  for (std::uint8_t finer = from; finer < Progress::kScales.size(); ++finer) {
    if (whole_of(value, finer)) return finer;
  }
  return from;
}

}  // namespace

void Progress::begin(double value) noexcept {
  bits = std::bit_cast<std::uint64_t>(value);
  whole = whole_of(value, scale);
  step = 0;
}

void Progress::go_on(double value, bool steady) noexcept {
  const auto before = whole;
  bits = std::bit_cast<std::uint64_t>(value);
  whole = whole_of(value, scale);
  step = steady && before && whole ? *whole - *before : 0;
}

void Progress::rescale(std::uint8_t to) noexcept {
  scale = to;
  whole = whole_of(std::bit_cast<double>(bits), to);
  step = 0;
}

void ChunkWriter::begin(Chunk& chunk, std::uint32_t round, double value) {
  at_.scale = scale_of(value, 0);
  at_.begin(value);
  at_.round = round;
  chunk = {};
  chunk.first = chunk.last = round;
  chunk.count = 1;
  chunk.scale = at_.scale;
  chunk.steady = steady_;
  Codes codes;
  codes.add(at_.bits, 64);
  codes.write(chunk);
}

bool ChunkWriter::append(Chunk& chunk, std::uint32_t round, double value) {
  Codes codes;
  if (const std::uint32_t missed = round - at_.round - 1; missed != 0) {
    if (missed > kLongestGap) return false;
    codes.add(kGap);
    codes.add(missed - 1, kGapBits);
  }
  Progress at = at_;
  if (const std::uint8_t finer = scale_of(value, at.scale); finer != at.scale) {
    codes.add(kRescale);
    codes.add(finer, kScaleBits);
    at.rescale(finer);
  }
  add_value(codes, at, value, steady_);
  if (!codes.write(chunk)) return false;
  at.go_on(value, steady_);
  at.round = round;
  at_ = at;
  chunk.last = round;
  ++chunk.count;
  return true;
}

std::uint64_t ChunkReader::take(unsigned bits) {
  std::uint64_t taken = 0;
  while (bits != 0 && position_ < kCapacity) {
    const unsigned there = 8 - position_ % 8, now = std::min(there, bits);
    taken = taken << now | (chunk_->data[position_ / 8] >> (there - now) & ((1U << now) - 1));
    position_ += now;
    bits -= now;
  }
  return taken;
}

unsigned ChunkReader::ones(unsigned most) {
  unsigned count = 0;
  while (count < most && take(1) != 0) ++count;
  return count;
}

bool ChunkReader::next() {
  if (read_ == chunk_->count) return false;
  if (read_++ == 0) {
    at_.scale = chunk_->scale;
    at_.round = chunk_->first;
    at_.begin(std::bit_cast<double>(take(64)));
    return true;
  }
  ++at_.round;
  unsigned code = ones(kLongestCode);
  if (code == kGap) {
    at_.round += static_cast<std::uint32_t>(take(kGapBits)) + 1;
    code = ones(kLongestCode);
  }
  if (code == kRescale) {
    at_.rescale(static_cast<std::uint8_t>(take(kScaleBits)));
    code = ones(kLongestCode);
  }
  read_value(code);
  return true;
}

void ChunkReader::read_value(unsigned code) {
  if (code == kXor) {
    const auto leading = static_cast<unsigned>(take(kLeadingBits));
    const auto length = static_cast<unsigned>(take(kLengthBits)) + 1;
    const std::uint64_t difference = take(length) << (64 - leading - length);
    at_.go_on(std::bit_cast<double>(at_.bits ^ difference), chunk_->steady);
  } else if (at_.whole) {
    const std::int64_t whole = at_.expected(chunk_->steady) + unzigzag(take(kStepBits[code]));
    at_.go_on(scaled_down(whole, at_.scale), chunk_->steady);
  }
}

double ChunkReader::value() const noexcept { return std::bit_cast<double>(at_.bits); }

}  // namespace vitalsd
