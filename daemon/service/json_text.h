// Writes JSON for people, with numbers in the usual form (1.29, not 1.29E0).
//   body = json_text(document) + "\n";
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>

namespace vitalsd {

/// Numbers have the fewest digits that read back as the same number. NaN and infinities, which JSON lacks, are null.
std::string json_text(const boost::json::value& value);

/// The same of a number, and of a text with its quotes, for documents that are written without a value.
void append_json_number(std::string& out, double number);
void append_json_string(std::string& out, std::string_view text);

}  // namespace vitalsd
