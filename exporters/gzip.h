// gzip of whole buffers, by libdeflate.
#pragma once

#include <memory>
#include <string>
#include <string_view>

struct libdeflate_compressor;

namespace vitalsd {

/// Keeps its tables between calls. One thread at a time.
class GzipCompressor {
 public:
  static constexpr int kDefaultLevel = 6;
  /// `level` from 1 (fast) to 12 (small); any other is taken as the nearest of these.
  explicit GzipCompressor(int level = kDefaultLevel);

  /// Replaces `out` by one gzip member. False when there is no memory; `out` is empty then.
  bool compress(std::string_view in, std::string& out);

 private:
  struct Free {
    void operator()(libdeflate_compressor* compressor) const noexcept;
  };
  std::unique_ptr<libdeflate_compressor, Free> compressor_;
};

}  // namespace vitalsd
