#include "core/native_histogram.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace vitalsd {
namespace {

constexpr int kLastSchema = -4;

// 2^(i/8) / 2 for the eight buckets of a power of two: fractions in [0.5, 1), as frexp() returns them.
constexpr std::array<double, 8> kBounds = {0.5,
                                           0.5452538663326288,
                                           0.5946035575013605,
                                           0.6484197773255048,
                                           0.7071067811865475,
                                           0.7711054127039704,
                                           0.8408964152537144,
                                           0.9170040432046711};

// Rounds towards plus infinity, because a bucket includes its upper boundary.
int ceil_shift(int value, int bits) { return -((-value) >> bits); }

}  // namespace

int NativeHistogram::index_of(double value, int schema) noexcept {
  int exponent = 0;
  const double fraction = std::frexp(value, &exponent);
  const auto above = std::ranges::lower_bound(kBounds, fraction) - kBounds.begin();
  const int finest = static_cast<int>(above) + (exponent - 1) * static_cast<int>(kBounds.size());
  return ceil_shift(finest, kFirstSchema - schema);
}

void NativeHistogram::observe(double value) {
  if (!std::isfinite(value)) return;
  ++count_;
  if (value <= kZeroThreshold) {
    ++zero_;
    return;
  }
  sum_ += value;
  int index = index_of(value, schema_);
  const auto size_with = [this](int at) {
    if (buckets_.empty()) return std::size_t{1};
    const int last = offset_ + static_cast<int>(buckets_.size()) - 1;
    const std::ptrdiff_t first = std::min(offset_, at);
    return static_cast<std::size_t>(std::max(last, at) - first + 1);
  };
  while (size_with(index) > kBucketsLimit && schema_ > kLastSchema) {
    halve();
    index = index_of(value, schema_);
  }
  if (buckets_.empty()) offset_ = index;
  if (index < offset_) {
    buckets_.insert(buckets_.begin(), static_cast<std::size_t>(offset_ - index), 0);
    offset_ = index;
  }
  const auto at = static_cast<std::size_t>(index - offset_);
  if (at >= buckets_.size()) buckets_.resize(at + 1);
  ++buckets_[at];
}

void NativeHistogram::halve() {
  --schema_;
  if (buckets_.empty()) return;
  const int first = ceil_shift(offset_, 1);
  std::vector<std::uint64_t> halved(buckets_.size() / 2 + 1);
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    halved[static_cast<std::size_t>(ceil_shift(offset_ + static_cast<int>(i), 1) - first)] += buckets_[i];
  }
  while (halved.size() > 1 && halved.back() == 0) halved.pop_back();
  buckets_ = std::move(halved);
  offset_ = first;
}

std::uint64_t NativeHistogram::cumulative(int exponent) const noexcept {
  // With a coarse schema the boundary may lie inside a bucket, which is then not counted.
  const int bound = schema_ >= 0 ? exponent * (1 << schema_) : exponent >> -schema_;
  const std::int64_t within = std::clamp<std::int64_t>(std::int64_t{bound} - offset_ + 1, 0, std::ssize(buckets_));
  return std::accumulate(buckets_.begin(), buckets_.begin() + within, zero_);
}

bool NativeHistogram::restore(int schema, std::uint64_t zero, double sum, int offset,
                              std::span<const std::uint64_t> buckets) {
  constexpr int kFarthest = 1 << 20;
  if (schema > kFirstSchema || schema < kLastSchema || buckets.size() > kBucketsLimit || !std::isfinite(sum) ||
      offset < -kFarthest || offset > kFarthest) {
    return false;
  }
  schema_ = schema;
  zero_ = zero;
  sum_ = sum;
  offset_ = offset;
  buckets_.assign(buckets.begin(), buckets.end());
  count_ = std::accumulate(buckets_.begin(), buckets_.end(), zero_);
  return true;
}

}  // namespace vitalsd
