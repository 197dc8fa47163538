// /proc/net/stat/*: each row has as many numbers as there are names.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "collectors/formats/net/net_stat.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vitalsd;
  static NetStat stat;
  if (!net_stat::parse({reinterpret_cast<const char*>(data), size}, stat)) return 0;
  if (stat.names.empty() || stat.names.size() > NetStat::kMostNames || stat.cpus() > NetStat::kMostCpus) std::abort();
  if (stat.numbers.size() != stat.cpus() * stat.names.size()) std::abort();
  return 0;
}
