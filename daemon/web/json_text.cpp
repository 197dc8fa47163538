#include "daemon/web/json_text.h"

#include <array>
#include <boost/json.hpp>
#include <cmath>
#include <cstdio>

#include "core/utf8.h"
#include "exporters/text.h"

namespace vitalsd {
namespace json = boost::json;
namespace {

void append_escaped(std::string& out, char c) {
  if (c == '"' || c == '\\') {
    out += '\\';
    out += c;
  } else if (c == '\n') {
    out += "\\n";
  } else if (static_cast<unsigned char>(c) < 0x20) {
    std::array<char, 8> text;
    std::snprintf(text.data(), text.size(), "\\u%04x", static_cast<unsigned>(c));
    out += text.data();
  } else {
    out += c;
  }
}

void append(std::string& out, const json::value& value) {
  std::string_view comma;
  switch (value.kind()) {
    case json::kind::double_: return append_json_number(out, value.get_double());
    case json::kind::string: return append_json_string(out, std::string_view(value.get_string()));
    case json::kind::array:
      out += '[';
      for (const json::value& each : value.get_array()) {
        out += comma;
        append(out, each);
        comma = ",";
      }
      out += ']';
      return;
    case json::kind::object:
      out += '{';
      for (const auto& each : value.get_object()) {
        out += comma;
        append_json_string(out, std::string_view(each.key()));
        out += ':';
        append(out, each.value());
        comma = ",";
      }
      out += '}';
      return;
    default: out += json::serialize(value);  // null, booleans and whole numbers are plain there, too
  }
}

}  // namespace

void append_json_number(std::string& out, double number) {
  if (!std::isfinite(number)) {
    out += "null";
    return;
  }
  append_value(out, number);
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  append_valid_utf8(out, text, append_escaped);
  out += '"';
}

std::string plain_json(const json::value& value) {
  std::string out;
  append(out, value);
  return out;
}

}  // namespace vitalsd
