// The format of /proc/net/rpc/nfs and nfsd (net/sunrpc/stats.c, fs/nfsd/stats.c): a word, then numbers.
//   RpcLine line;
//   while (rpc_stats::next(lines, line)) if (line.word == "io") ... line.at(0)
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/lines.h"

namespace vitalsd {

struct RpcLine {
  static constexpr std::size_t kMostNumbers = 128;
  std::string_view word;  ///< "net", "rpc", "proc3"; a view into the text
  std::array<std::uint64_t, kMostNumbers> numbers{};
  std::size_t count = 0;

  /// 0 if the line is shorter: methods of newer kernels have not been called on this one.
  std::uint64_t at(std::size_t i) const noexcept { return i < count ? numbers[i] : 0; }
};

namespace rpc_stats {
/// Reads the next valid line; others are reported. Drops the first number of a line "procN", which is the count of the
/// numbers that follow. Of "th" it reads only the number of threads, since the others are fractions.
bool next(Lines& lines, RpcLine& out);
}  // namespace rpc_stats

}  // namespace vitalsd
