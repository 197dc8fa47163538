#include "exporters/tls/openssl.h"

#include <dlfcn.h>

namespace vitalsd::tls {
namespace {

struct Loaded {
  OpenSsl table;
  std::string error;
};

#ifdef VITALSD_STATIC

Loaded load() { return {{}, "the static build has no TLS; use the dynamic one, or a proxy beside it"}; }

#else

// The names carry the major version, which must be that of the headers.
constexpr const char* kSsl = "libssl.so.3";
constexpr const char* kCrypto = "libcrypto.so.3";
static_assert(OPENSSL_VERSION_MAJOR == 3);

Loaded load() {
  Loaded loaded;
  const auto open = [&](const char* name) {
    void* library = ::dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr)
      loaded.error = "TLS needs OpenSSL 3 (Debian's package libssl3): " + std::string(::dlerror());
    return library;
  };
  const auto find = [&](void* library, const char* name, auto& member) {
    member = reinterpret_cast<std::remove_reference_t<decltype(member)> >(::dlsym(library, name));
    if (member == nullptr)
      loaded.error = "this OpenSSL has no " + std::string(name) + ": install libssl3 of Debian 12 or newer";
  };
  void* crypto = open(kCrypto);
  void* ssl = crypto == nullptr ? nullptr : open(kSsl);
  if (ssl == nullptr) return loaded;
#define VITALSD_FIND_SSL(name) find(ssl, #name, loaded.table.name);
#define VITALSD_FIND_CRYPTO(name) find(crypto, #name, loaded.table.name);
  VITALSD_SSL_FUNCTIONS(VITALSD_FIND_SSL)
  VITALSD_CRYPTO_FUNCTIONS(VITALSD_FIND_CRYPTO)
#undef VITALSD_FIND_SSL
#undef VITALSD_FIND_CRYPTO
  return loaded;
}

#endif

}  // namespace

std::string OpenSsl::take_error() const {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return reason == nullptr ? "unknown error" : reason;
}

std::expected<const OpenSsl*, std::string> openssl() {
  static const Loaded loaded = load();
  if (!loaded.error.empty()) return std::unexpected(loaded.error);
  return &loaded.table;
}

}  // namespace vitalsd::tls
