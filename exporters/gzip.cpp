#include "exporters/gzip.h"

#include <libdeflate.h>

#include <algorithm>
#include <new>

namespace vitalsd {

void GzipCompressor::Free::operator()(libdeflate_compressor* compressor) const noexcept {
  libdeflate_free_compressor(compressor);
}

GzipCompressor::GzipCompressor(int level) : compressor_(libdeflate_alloc_compressor(std::clamp(level, 1, 12))) {}

bool GzipCompressor::compress(std::string_view in, std::string& out) {
  out.clear();
  if (!compressor_) return false;
  try {
    out.resize(libdeflate_gzip_compress_bound(compressor_.get(), in.size()));
  } catch (const std::bad_alloc&) {
    return false;
  }
  const std::size_t size = libdeflate_gzip_compress(compressor_.get(), in.data(), in.size(), out.data(), out.size());
  out.resize(size);
  return size != 0;
}

}  // namespace vitalsd
