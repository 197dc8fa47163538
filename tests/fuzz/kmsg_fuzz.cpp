// Whatever a record of the kernel's log holds: its text is a part of it, and of one line.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "collectors/formats/kmsg.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto record = vitalsd::kmsg::parse(text);
  if (!record) return 0;
  if (record->level > 7 || record->text.find('\n') != std::string_view::npos) std::abort();
  if (record->text.data() < text.data() || record->text.data() + record->text.size() > text.data() + size) std::abort();
  return 0;
}
