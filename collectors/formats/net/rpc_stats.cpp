#include "collectors/formats/net/rpc_stats.h"

namespace vitalsd::rpc_stats {

bool next(Lines& lines, RpcLine& out) {
  while (lines.next()) {
    out.word = lines->word();
    out.count = 0;
    const std::size_t most = out.word == "th" ? 1 : out.numbers.size();
    if (out.word.starts_with("proc")) lines->integer();
    while (lines->ok() && out.count < most && !lines->skip_blanks().at_end()) {
      out.numbers[out.count++] = lines->integer();
    }
    if (out.count == 0) lines->set_failed();
    if (lines.keep()) return true;
  }
  return false;
}

}  // namespace vitalsd::rpc_stats
