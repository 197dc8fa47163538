// Writes JSON for people: numbers as they write them (1.29, not 1.29E0).
//   body = json_text(document) + "\n";
#pragma once

#include <boost/json/value.hpp>
#include <string>

namespace vitalsd {

/// The shortest digits that read back as the same number. Numbers that JSON lacks (NaN, infinities) are null.
std::string json_text(const boost::json::value& value);

}  // namespace vitalsd
