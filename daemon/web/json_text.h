// JSON with its numbers written plainly: 1.29, where Boost.JSON has 1.29E0.
//   plain_json({{"load", 1.29}}) -> {"load":1.29}
#pragma once

#include <boost/json/fwd.hpp>
#include <string>
#include <string_view>

namespace vitalsd {

/// The shortest digits that read back the same; null for what JSON has no number for.
void append_json_number(std::string& out, double number);
/// With its quotes. Bytes that are not UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view text);

std::string plain_json(const boost::json::value& value);

}  // namespace vitalsd
