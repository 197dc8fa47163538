#include "daemon/config/bcrypt.h"

#include <crypt.h>
#include <dlfcn.h>

#include <algorithm>
#include <memory>

namespace vitalsd::bcrypt {
namespace {

using Crypt = decltype(&::crypt_r);
constexpr unsigned kMostCost = 31;              // the most that bcrypt defines
constexpr unsigned kSlowCost = 14;              // from this cost on, a check takes longer than a scrape waits
constexpr std::size_t kPrefix = 7, kSize = 60;  // "$2y$10$", and 53 characters of salt and hash

// The library is opened on first use, because few daemons have passwords.
Crypt load() {
#ifdef VITALSD_STATIC
  return &::crypt_r;
#else
  void* library = ::dlopen("libcrypt.so.1", RTLD_NOW | RTLD_LOCAL);
  return library == nullptr ? nullptr : reinterpret_cast<Crypt>(::dlsym(library, "crypt_r"));
#endif
}

Crypt crypt() {
  static const Crypt function = load();
  return function;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool has_form(std::string_view hash) {
  constexpr std::string_view kVariants = "abxy";
  const auto good = [](char c) {
    return c == '.' || c == '/' || is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  };
  return hash.size() == kSize && hash.starts_with("$2") && kVariants.find(hash[2]) != kVariants.npos &&
         hash[3] == '$' && is_digit(hash[4]) && is_digit(hash[5]) && hash[6] == '$' &&
         std::ranges::all_of(hash.substr(kPrefix), good);
}

}  // namespace

bool are_equal(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
  }
  return difference == 0;
}

unsigned cost_of(std::string_view hash) {
  return static_cast<unsigned>(hash[4] - '0') * 10 + static_cast<unsigned>(hash[5] - '0');
}

std::string fault_of(std::string_view hash) {
  if (!has_form(hash)) return "must be a bcrypt hash ($2y$10$...), as 'htpasswd -nBC 10 NAME' makes it";
  const unsigned cost = cost_of(hash);
  if (cost < 4) return "the hash has a cost below 4, the least that bcrypt allows";
  if (cost > kMostCost) return "the hash has a cost above 31, the most that bcrypt allows";
  return crypt() == nullptr ? "passwords need libcrypt.so.1 (Debian's package libcrypt1)" : "";
}

bool is_slow(std::string_view hash) { return cost_of(hash) >= kSlowCost; }

bool matches(const std::string& password, const std::string& hash) {
  if (password.find('\0') != password.npos) return false;
  const auto memory = std::make_unique<crypt_data>();  // 32 KiB
  const char* made = crypt()(password.c_str(), hash.c_str(), memory.get());
  return made != nullptr && are_equal(made, hash);
}

}  // namespace vitalsd::bcrypt
