// Reads and writes whole ordinary files: those of the state directory, and printed output.
//   replace_file(path, {header, body}, Sync::yes, "groups"); read_file(path, buffer, limit, "groups")
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "core/result.h"

namespace vitalsd {

/// Whether the data is on disk before the file gets its name. This protects against power loss; a rename alone protects
/// against process death.
enum class Sync : bool { no, yes };

/// In all of these functions, errors name `where`, which has static storage or that of the caller.

/// Writes all of `data` to an open descriptor.
Result<void> write_all(int fd, std::string_view data, std::string_view where);

/// Replaces the contents of `path` by the concatenated parts, all or nothing, by writing PATH.tmp and renaming it. Mode
/// 0600. Errors: unavailable (no such directory), denied, io.
Result<void> replace_file(const std::string& path, std::initializer_list<std::string_view> parts, Sync sync,
                          std::string_view where);

/// Reads a regular file into `buffer`; does not follow a link. Errors: unavailable, malformed (not a regular file),
/// too_large, denied, io.
Result<std::string_view> read_file(const std::string& path, std::string& buffer, std::size_t limit,
                                   std::string_view where);

}  // namespace vitalsd
