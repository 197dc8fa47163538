// The files that reports are kept in, one each: blocking, for the pool.
#pragma once

#include <string>
#include <vector>

#include "core/result.h"

namespace vitalsd::report_files {

struct Found {
  std::string name;  ///< without the ".json"
  std::size_t size = 0;
};

/// All that end in ".json"; none when the directory is not there.
std::vector<Found> list(const std::string& directory);
/// Whole or not at all: written under another name, synced, renamed. Makes the directory. Errors as StateFile.
Result<void> write(const std::string& directory, const std::string& name, const std::string& text);
/// False when it cannot be read, or is larger than a report can be.
bool read(const std::string& directory, const std::string& name, std::string& text);
void remove(const std::string& directory, const std::string& name);

}  // namespace vitalsd::report_files
