// Reads the plainest of JSON: an object of texts, numbers and truth values, or an array of such objects. It is what
// node_exporter's fixtures of subsystems that have no files are written in.
//   flat_json::parse(text, records);  records[0].number("bytes")
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"

namespace vitalsd::flat_json {

/// One object. Keys are in lower case, whatever they were written in; null is as if it were not there.
struct Record {
  std::vector<std::pair<std::string, std::string>> fields;

  /// Empty where it is not there.
  std::string_view text(std::string_view key) const noexcept;
  /// 0 where it is not there, as in Go, or no number.
  double number(std::string_view key) const noexcept;
};

/// Malformed: anything else, deeper objects, more than 4096 records, or fields of more than 4096 bytes. Escapes are
/// understood but for \u.
Result<void> parse(std::string_view text, std::vector<Record>& out);

}  // namespace vitalsd::flat_json
