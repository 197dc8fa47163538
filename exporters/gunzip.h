// Undoes gzip, into no more memory than it is given.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace vitalsd {

enum class Gunzip : unsigned char {
  done,
  damaged,    ///< no gzip, cut off, or its checksum is wrong
  too_large,  ///< what was compressed is longer than the limit
  no_memory,
};

/// All members of `in` one behind the other into `out`, which it replaces; it is of use with `done` alone.
Gunzip gunzip(std::string_view in, std::size_t limit, std::string& out);

}  // namespace vitalsd
