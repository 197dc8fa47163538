// A histogram with exponential buckets, like Prometheus's native histograms. Each power of two is a bucket boundary, so
// classic buckets at powers of two are exact.
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
  static constexpr double kZeroThreshold = 0x1p-128;  ///< values up to this one count as zero

  /// Negative values count as zero; values that are not finite are left out.
  void observe(double value);

  std::uint64_t count() const noexcept { return count_; }
  double sum() const noexcept { return sum_; }
  /// The number of observations of at most 2^exponent.
  std::uint64_t cumulative(int exponent) const noexcept;

  /// Bucket i counts the observations in (2^((i-1)/2^schema), 2^(i/2^schema)].
  int schema() const noexcept { return schema_; }
  std::uint64_t zero_count() const noexcept { return zero_; }
  /// The index of the first of buckets().
  int offset() const noexcept { return offset_; }
  std::span<const std::uint64_t> buckets() const noexcept { return buckets_; }

  /// Restores the state that the functions above returned. Returns false and changes nothing if the values are
  /// inconsistent.
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
