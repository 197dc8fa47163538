// Any text as a group's name: it is parsed or rejected with a reason, and rendered within bounds.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "collectors/process/groups/name_template.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto parsed = vitalsd::NameTemplate::parse(text);
  if (!parsed) {
    if (parsed.error().empty()) std::abort();
    return 0;
  }
  vitalsd::ProcessFacts facts;
  facts.comm = "c";
  facts.arguments = {"/bin/x", "y"};
  facts.cgroups = {"/a"};
  std::string name;
  parsed->render(facts, {{"A", "b"}}, name);
  if (const std::string* literal = parsed->literal(); literal != nullptr && *literal != name) std::abort();
  if (name.size() > 64 * (size + 1)) std::abort();
  return 0;
}
