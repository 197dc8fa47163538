// Stands in for the server's address check until the server is linked; the linker prefers the real one.
#pragma once

#include "exporters/http/server.h"

namespace vitalsd::http {

[[gnu::weak]] void check_address(std::string_view address) {
  if (address.find(':') == std::string_view::npos) throw ListenError("listen address " + std::string(address) + ": no port");
}

}  // namespace vitalsd::http
