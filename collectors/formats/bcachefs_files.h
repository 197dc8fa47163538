// The tables below /sys/fs/bcachefs/UUID (fs/bcachefs/sysfs.c), whose forms are written down nowhere else.
//   compression_stats: "lz4                    48.9G           71.2G                   62.5k"     below a heading
//   btree_write_stats: "initial:           3298401   100k"                                       below a heading
//   errors:            "btree_node_data_missing                         2       1753593586"
//   io_done:           "read:\nuser        :102313054208\nwrite:\n..."      io_errors: "  checksum:5" of two periods
//   counters/NAME:     "since mount:                   2.00G\nsince filesystem creation:     2.01G"
#pragma once

#include <string_view>
#include <vector>

#include "core/faults.h"
#include "core/result.h"

namespace vitalsd {

/// Views into the parsed text.
struct BcachefsRow {
  std::string_view name;
  double first = 0, second = 0;
  std::string_view operation = {};  ///< "read" or "write", of io_done
};

namespace bcachefs_files {
inline constexpr std::size_t kMostRows = 4096;

/// Each replaces `out`; bad lines as core/lines.h says. Malformed where nothing makes sense; an empty text is no row.
Result<void> parse_compression(std::string_view text, std::vector<BcachefsRow>& out, FaultSink& faults);
Result<void> parse_writes(std::string_view text, std::vector<BcachefsRow>& out, FaultSink& faults);
/// A count of more than nine digits runs into the time behind it and is taken with it, as node_exporter takes it.
Result<void> parse_errors(std::string_view text, std::vector<BcachefsRow>& out, FaultSink& faults);
Result<void> parse_io_done(std::string_view text, std::vector<BcachefsRow>& out, FaultSink& faults);
/// Of the period since the file system was made.
Result<void> parse_io_errors(std::string_view text, std::vector<BcachefsRow>& out, FaultSink& faults);

/// Since the file system was made.
Result<double> parse_counter(std::string_view text);
}  // namespace bcachefs_files

}  // namespace vitalsd
