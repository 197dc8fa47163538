// The subject alternative names of a certificate, as the exporter toolkit compares them.
#pragma once

#include <string>
#include <vector>

#include "exporters/tls/openssl.h"

namespace vitalsd::tls {

/// DNS names, mail addresses, IP addresses as text, and URIs. Empty when there are none or they are malformed.
std::vector<std::string> alternative_names(const OpenSsl& ssl, const X509* certificate);

}  // namespace vitalsd::tls
