// The format of the files in /proc/net/stat (net/netfilter/nf_conntrack_standalone.c, net/core/neighbour.c): a line of
// names, then a line of hexadecimal numbers for each possible CPU.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/faults.h"
#include "core/result.h"

namespace vitalsd {

/// Reused for each file. `names` are views into the parsed text.
struct NetStat {
  static constexpr std::size_t kMostNames = 64;
  static constexpr std::size_t kMostCpus = 8192;
  std::vector<std::string_view> names;
  std::vector<std::uint64_t> numbers;  ///< row by row

  std::size_t cpus() const noexcept { return names.empty() ? 0 : numbers.size() / names.size(); }
  std::uint64_t at(std::size_t cpu, std::size_t name) const noexcept { return numbers[cpu * names.size() + name]; }
};

namespace net_stat {
/// Replaces `out`. The position of a row is its CPU, so one bad row makes the file malformed.
Result<void> parse(std::string_view text, NetStat& out);
}  // namespace net_stat

}  // namespace vitalsd
