// A histogram with exponential buckets, as Prometheus's native histograms: each power of two is a bucket boundary, so
// that classic buckets at powers of two are exact.
//   NativeHistogram cores; cores.observe(0.25); cores.cumulative(-2) -> 1   // at most 2^-2
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace vitalsd {

class NativeHistogram {
 public:
  static constexpr int kFirstSchema = 3;              ///< 8 buckets for each power of two: 9 % apart
  static constexpr std::size_t kBucketsLimit = 160;   ///< beyond it the resolution is halved
  static constexpr double kZeroThreshold = 0x1p-128;  ///< what is less counts as zero

  /// Negative values count as zero; what is not finite is left out.
  void observe(double value);

  std::uint64_t count() const noexcept { return count_; }
  double sum() const noexcept { return sum_; }
  /// How many were at most 2^exponent.
  std::uint64_t cumulative(int exponent) const noexcept;

  /// Bucket i holds what is in (2^((i-1)/2^schema), 2^(i/2^schema)].
  int schema() const noexcept { return schema_; }
  std::uint64_t zero_count() const noexcept { return zero_; }
  /// Index of the first of buckets().
  int offset() const noexcept { return offset_; }
  std::span<const std::uint64_t> buckets() const noexcept { return buckets_; }

  /// As it was told by the functions above. False, and nothing changes, when these do not fit together.
  bool restore(int schema, std::uint64_t zero, double sum, int offset, std::span<const std::uint64_t> buckets);

 private:
  static int index_of(double value, int schema) noexcept;
  void halve();

  int schema_ = kFirstSchema;
  int offset_ = 0;
  std::vector<std::uint64_t> buckets_;
  std::uint64_t zero_ = 0;
  std::uint64_t count_ = 0;
  double sum_ = 0;
};

}  // namespace vitalsd
