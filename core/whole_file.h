// Ordinary files that are read and written whole: of the state directory, and what is printed.
//   replace_file(path, {header, body}, Sync::yes, "groups"); read_file(path, buffer, limit, "groups")
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "core/result.h"

namespace vitalsd {

/// Whether the disk has the file before its name does: against a loss of power, while a rename is enough against a loss
/// of the process.
enum class Sync : bool { no, yes };

/// In all of these `where` is what errors name, with static storage or that of the caller's own.

/// All of `data` to an open descriptor.
Result<void> write_all(int fd, std::string_view data, std::string_view where);

/// The parts one behind the other as the contents of `path`, whole or not at all: written to PATH.tmp, renamed. Mode
/// 0600. Errors: unavailable (its directory is not there), denied, io.
Result<void> replace_file(const std::string& path, std::initializer_list<std::string_view> parts, Sync sync,
                          std::string_view where);

/// The contents of a regular file, in `buffer`; no link is followed. Errors: unavailable, malformed (not a regular
/// file), too_large, denied, io.
Result<std::string_view> read_file(const std::string& path, std::string& buffer, std::size_t limit,
                                   std::string_view where);

}  // namespace vitalsd
