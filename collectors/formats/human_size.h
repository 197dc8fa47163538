// Sizes as bcache and bcachefs write them, with a letter for a power of 1024: "20.4G", "512k", "1305".
//   human_size::of_bcache("1.1M")  ->  1150976
#pragma once

#include <string_view>

#include "core/result.h"

namespace vitalsd::human_size {

/// bch_hprint() in drivers/md/bcache/util.c: what follows the point is of 1024 parts divided by 100, so that ".1" is a
/// tenth nearly, and ".10" is the most. May be negative.
Result<double> of_bcache(std::string_view text);

/// bch2_prt_human_readable: a decimal fraction, three digits in all.
Result<double> of_bcachefs(std::string_view text);

}  // namespace vitalsd::human_size
