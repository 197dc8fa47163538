#ifndef VITALSD_STATIC

#include "daemon/bus/sd_bus.h"

#include <dlfcn.h>

#include <type_traits>

namespace vitalsd::bus {
namespace {

constexpr const char* kLibrary = "libsystemd.so.0";

struct Loaded {
  SdBus table;
  std::string error;
};

Loaded load() {
  Loaded loaded;
  void* library = ::dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    loaded.error = "D-Bus needs libsystemd (Debian's package libsystemd0): " + std::string(::dlerror());
    return loaded;
  }
  const auto find = [&](const char* name, auto& member) {
    member = reinterpret_cast<std::remove_reference_t<decltype(member)>>(::dlsym(library, name));
    if (member == nullptr) loaded.error = "this libsystemd has no " + std::string(name);
  };
#define VITALSD_FIND(name) find(#name, loaded.table.name);
  VITALSD_BUS_FUNCTIONS(VITALSD_FIND)
#undef VITALSD_FIND
  return loaded;
}

}  // namespace

std::expected<const SdBus*, std::string_view> sd_bus() {
  static const Loaded loaded = load();
  if (!loaded.error.empty()) return std::unexpected(std::string_view(loaded.error));
  return &loaded.table;
}

}  // namespace vitalsd::bus

#endif
