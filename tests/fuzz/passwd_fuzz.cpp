// Any /etc/passwd: a name is a part of it, without a colon or a newline.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "collectors/formats/passwd.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const std::uint64_t uid : {0, 33, 65534}) {
    const std::string_view name = vitalsd::passwd::name_of(text, uid);
    if (name.find_first_of(":\n") != std::string_view::npos) std::abort();
    if (!name.empty() && (name.data() < text.data() || name.data() + name.size() > text.data() + size)) std::abort();
  }
  const auto account = vitalsd::passwd::account_of(text, "root");
  if (account && text.find("root:") == std::string_view::npos) std::abort();
  return 0;
}
