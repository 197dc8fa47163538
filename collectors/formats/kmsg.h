// One record of /dev/kmsg (Documentation/ABI/testing/dev-kmsg): "6,1032,20803020147,-;text\n KEY=value\n".
#pragma once

#include <cstdint>
#include <string_view>

#include "core/result.h"

namespace vitalsd::kmsg {

struct Record {
  unsigned level = 0;          ///< 0 (emergency) to 7 (debug)
  unsigned facility = 0;       ///< 0: the kernel itself; others wrote to the file
  std::uint64_t sequence = 0;  ///< one more than that of the record before
  bool continues = false;      ///< the line of the record before goes on
  std::string_view text = {};  ///< what follows the first line belongs to tools
};

/// Malformed: any other text. The view is a part of `record`.
Result<Record> parse(std::string_view record);

}  // namespace vitalsd::kmsg
