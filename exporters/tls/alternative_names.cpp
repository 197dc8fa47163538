#include "exporters/tls/alternative_names.h"

#include <arpa/inet.h>

#include <memory>

namespace vitalsd::tls {
namespace {

std::string address_text(const unsigned char* bytes, std::size_t size) {
  char text[INET6_ADDRSTRLEN] = "";
  const int family = size == sizeof(in_addr) ? AF_INET : AF_INET6;
  if (size != sizeof(in_addr) && size != sizeof(in6_addr)) return {};
  return ::inet_ntop(family, bytes, text, sizeof text) == nullptr ? std::string() : std::string(text);
}

std::string name_text(const OpenSsl& ssl, const GENERAL_NAME& name) {
  const ASN1_STRING* value = name.type == GEN_IPADD ? name.d.iPAddress : name.d.ia5;
  const unsigned char* bytes = ssl.ASN1_STRING_get0_data(value);
  const auto size = static_cast<std::size_t>(ssl.ASN1_STRING_length(value));
  if (name.type == GEN_IPADD) return address_text(bytes, size);
  return {reinterpret_cast<const char*>(bytes), size};
}

}  // namespace

std::vector<std::string> alternative_names(const OpenSsl& ssl, const X509* certificate) {
  const auto release = [&ssl](GENERAL_NAMES* names) { ssl.GENERAL_NAMES_free(names); };
  const std::unique_ptr<GENERAL_NAMES, decltype(release)> names(
      static_cast<GENERAL_NAMES*>(ssl.X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)), release);
  std::vector<std::string> all;
  if (!names) return all;
  const auto* stack = reinterpret_cast<const OPENSSL_STACK*>(names.get());
  for (int i = 0; i < ssl.OPENSSL_sk_num(stack); ++i) {
    const auto& name = *static_cast<const GENERAL_NAME*>(ssl.OPENSSL_sk_value(stack, i));
    if (name.type == GEN_DNS || name.type == GEN_EMAIL || name.type == GEN_URI || name.type == GEN_IPADD) {
      all.push_back(name_text(ssl, name));
    }
  }
  return all;
}

}  // namespace vitalsd::tls
