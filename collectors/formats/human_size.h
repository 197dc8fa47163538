// Sizes as bcache and bcachefs write them, with a letter for a power of 1024: "20.4G", "512k", "1305".
//   human_size::of_bcache("1.1M")  ->  1150976
#pragma once

#include <string_view>

#include "core/result.h"

namespace vitalsd::human_size {

/// As bch_hprint() in drivers/md/bcache/util.c prints them: the digits after the point are 1024ths divided by 100, so
/// ".1" is nearly a tenth, and ".10" is the maximum. May be negative.
Result<double> of_bcache(std::string_view text);

/// As bch2_prt_human_readable() prints them: a decimal fraction of three digits in all.
Result<double> of_bcachefs(std::string_view text);

}  // namespace vitalsd::human_size
