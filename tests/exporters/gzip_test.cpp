#include "exporters/gzip.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <random>

namespace vitalsd {
namespace {

/// Inflates one whole gzip member with zlib; nothing when `in` is not one.
std::string inflate_gzip(const std::string& in) {
  z_stream stream{};
  if (inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK) return "no zlib";
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
  stream.avail_in = static_cast<uInt>(in.size());
  std::string out;
  int status = Z_OK;
  while (status == Z_OK) {
    char chunk[4096];
    stream.next_out = reinterpret_cast<Bytef*>(chunk);
    stream.avail_out = sizeof chunk;
    status = inflate(&stream, Z_NO_FLUSH);
    out.append(chunk, sizeof chunk - stream.avail_out);
  }
  const bool whole = status == Z_STREAM_END && stream.avail_in == 0;
  inflateEnd(&stream);
  return whole ? out : "not one whole gzip member";
}

TEST(Gzip, ZlibReadsItBack) {
  std::mt19937 random(1);
  GzipCompressor compressor;
  std::string out = "what was here before";
  for (const std::size_t size : {0UL, 1UL, 2UL, 100UL, 4095UL, 65536UL, 1'000'000UL}) {
    std::string repetitive, noise;
    while (repetitive.size() < size) repetitive += "node_cpu_seconds_total{cpu=\"0\"} 1\n";
    repetitive.resize(size);
    for (std::size_t i = 0; i < size; ++i) noise += static_cast<char>(random());
    ASSERT_TRUE(compressor.compress(repetitive, out));
    EXPECT_EQ(inflate_gzip(out), repetitive) << size;
    EXPECT_LT(out.size(), size / 10 + 100);
    ASSERT_TRUE(compressor.compress(noise, out));
    EXPECT_EQ(inflate_gzip(out), noise) << size;
  }
}

TEST(Gzip, EveryLevelWorks) {
  for (const int level : {-5, 0, 1, 6, 12, 99}) {
    GzipCompressor compressor(level);
    std::string out;
    ASSERT_TRUE(compressor.compress("text text text", out)) << level;
    EXPECT_EQ(inflate_gzip(out), "text text text") << level;
  }
}

}  // namespace
}  // namespace vitalsd
