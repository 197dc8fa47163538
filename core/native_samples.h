// How a native histogram passes through a Block: as samples of its family beside the classic ones, which formats that
// cannot carry it leave out.
//   add_native(sink, kCores, labels, histogram);
#pragma once

#include "core/native_histogram.h"
#include "core/sink.h"

namespace vitalsd {

/// Beyond all of Part. The four follow each other in this order, and then the bucket as often as there are.
inline constexpr Part kNativeSchema{16};  ///< also begins the histogram
inline constexpr Part kNativeZero{17};    ///< how many were at most NativeHistogram::kZeroThreshold
inline constexpr Part kNativeOffset{18};  ///< index of the first bucket
inline constexpr Part kNativeBucket{19};  ///< how many were in it; each the next one

constexpr bool is_native(Part part) noexcept { return part >= kNativeSchema; }

/// The labels are those of the histogram's sum. Classic buckets, sum and count are added by themselves, before.
inline void add_native(Sink& sink, const Family& family, LabelId labels, const NativeHistogram& histogram) {
  sink.add(family, labels, histogram.schema(), kNativeSchema);
  sink.add(family, labels, static_cast<double>(histogram.zero_count()), kNativeZero);
  sink.add(family, labels, histogram.offset(), kNativeOffset);
  for (const std::uint64_t count : histogram.buckets()) {
    sink.add(family, labels, static_cast<double>(count), kNativeBucket);
  }
}

}  // namespace vitalsd
