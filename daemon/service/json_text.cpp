#include "daemon/service/json_text.h"

#include <array>
#include <boost/json.hpp>
#include <charconv>
#include <cmath>

namespace vitalsd {
namespace json = boost::json;
namespace {

void write(const json::value& value, std::string& out);

void write_array(const json::array& array, std::string& out) {
  char before = '[';
  for (const json::value& each : array) {
    out += before;
    write(each, out);
    before = ',';
  }
  out += array.empty() ? "[]" : "]";
}

void write_object(const json::object& object, std::string& out) {
  char before = '{';
  for (const auto& [key, each] : object) {
    out.append(1, before).append(json::serialize(json::value(key))).append(1, ':');
    write(each, out);
    before = ',';
  }
  out += object.empty() ? "{}" : "}";
}

void write(const json::value& value, std::string& out) {
  switch (value.kind()) {
    case json::kind::double_: return append_json_number(out, value.get_double());
    case json::kind::array: return write_array(value.get_array(), out);
    case json::kind::object: return write_object(value.get_object(), out);
    default: out += json::serialize(value);
  }
}

}  // namespace

void append_json_number(std::string& out, double number) {
  if (!std::isfinite(number)) {
    out += "null";
    return;
  }
  std::array<char, 32> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

void append_json_string(std::string& out, std::string_view text) { out += json::serialize(json::value(text)); }

std::string json_text(const json::value& value) {
  std::string out;
  write(value, out);
  return out;
}

}  // namespace vitalsd
