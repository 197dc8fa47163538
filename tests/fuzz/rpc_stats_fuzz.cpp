// /proc/net/rpc/nfs and nfsd: a line has a word and at least one number.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "collectors/formats/net/rpc_stats.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vitalsd;
  NoFaults faults;
  Lines lines({reinterpret_cast<const char*>(data), size}, "rpc", faults);
  RpcLine line;
  while (rpc_stats::next(lines, line)) {
    if (line.word.empty() || line.count == 0 || line.count > RpcLine::kMostNumbers) std::abort();
  }
  return 0;
}
