// The subject alternative names of a certificate, as the exporter toolkit compares them.
#pragma once

#include <string>
#include <vector>

#include "exporters/tls/openssl.h"

namespace vitalsd::tls {

/// Names of hosts, addresses of mail, IP addresses as text, and URIs. Empty when it has none or they are malformed.
std::vector<std::string> alternative_names(const OpenSsl& ssl, const X509* certificate);

}  // namespace vitalsd::tls
