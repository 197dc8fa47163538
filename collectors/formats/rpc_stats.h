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

  /// 0 where the line is shorter: methods of a newer kernel have not been called on this one.
  std::uint64_t at(std::size_t i) const noexcept { return i < count ? numbers[i] : 0; }
};

namespace rpc_stats {
/// Goes to the next line that makes sense; others are reported. A line "procN" begins with how many numbers follow,
/// which is left out. Of "th" only the number of threads is read: the rest is of fractions.
bool next(Lines& lines, RpcLine& out);
}  // namespace rpc_stats

}  // namespace vitalsd
