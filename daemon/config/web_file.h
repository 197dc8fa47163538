// Parses the file of `web.config_file`, which has the exporter toolkit's format, and keeps the place of each value.
// https://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/config/fault.h"

namespace vitalsd::conf {

struct WebText {
  std::string text = {};
  int line = 0;  ///< 0: not given
  int column = 0;
  bool is_given() const noexcept { return line > 0; }
};
using WebTexts = std::vector<WebText>;

struct WebFile {
  struct Tls {
    WebText cert, cert_file, key, key_file, client_ca, client_ca_file, client_auth_type;
    WebText min_version, max_version, prefer_server_cipher_suites;
    WebTexts cipher_suites, curve_preferences, client_allowed_sans;
    WebText section;  ///< its place in the file
    /// Whether a key is given that makes the toolkit serve HTTPS.
    bool is_enabled() const;
  } tls;
  WebText http2;  ///< accepted without effect: the server speaks HTTP/1.1
  std::vector<std::pair<WebText, WebText>> headers;
  std::vector<std::pair<WebText, WebText>> users;  ///< name, hash
  WebText rate_interval, rate_burst;
};

/// Checks keys, types and allowed words. `text` may be any bytes and is not expanded. Faults are reported for `file`.
WebFile parse_web_file(const std::string& file, std::string_view text, Faults& faults);

/// The origin of a fault at `text`.
Origin origin_in(const std::string& file, const WebText& text);

}  // namespace vitalsd::conf
