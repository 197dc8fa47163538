// A selector from anybody: what is understood fits the series that has just its labels, written as a Block writes them.
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>

#include "core/label_text.h"
#include "core/utf8.h"
#include "daemon/history/selector.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto selector = vitalsd::parse_selector({reinterpret_cast<const char*>(data), size});
  if (!selector) {
    if (selector.error().empty()) std::abort();
    return 0;
  }
  std::string labels;
  std::set<std::string> names;
  for (const auto& [name, value] : selector->labels) {
    std::string valid;
    vitalsd::append_valid_utf8(valid, value, [](std::string& to, char c) { to += c; });
    if (valid != value || !names.insert(name).second) return 0;  // no Block has such a label
    labels += (labels.empty() ? "" : ",") + vitalsd::label_text_of(name, value);
  }
  if (!selector->fits(selector->family.empty() ? "any" : selector->family, labels)) std::abort();
  return 0;
}
