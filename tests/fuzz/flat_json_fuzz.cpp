// The plainest of JSON: what is read is what a text of it says, and reading ends.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "collectors/kit/flat_json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vitalsd;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<flat_json::Record> records;
  if (!flat_json::parse(text, records)) return records.empty() ? 0 : (std::abort(), 1);
  std::size_t bytes = 0;
  for (const auto& record : records) {
    for (const auto& [key, value] : record.fields) {
      bytes += key.size() + value.size();
      (void)record.number(key);
    }
  }
  if (bytes > size) std::abort();
  return 0;
}
