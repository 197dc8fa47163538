// A pointer in the first line, a JSON text behind it: a pointer that is refused is not asked with, and the rest gives a
// number or an error.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "collectors/formats/json_values.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vitalsd;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t newline = std::min(text.find('\n'), text.size());
  const std::string_view pointer = text.substr(0, newline);
  const JsonNumbers numbers(text.substr(std::min(newline + 1, text.size())));
  if (!is_json_pointer(pointer)) return 0;
  const auto value = numbers.at(pointer);
  if (value ? !numbers.ok() || std::isnan(*value) : value.error().where.empty()) std::abort();
  return 0;
}
