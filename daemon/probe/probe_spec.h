// What the user asked to probe: one record of collectors.probe.targets, checked.
//   {name: api, target: https://api.example.org/health, interval: 15s, status: [2xx], body: '"ok"'}
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "collectors/kit/pattern.h"
#include "core/options.h"

namespace vitalsd {

inline constexpr std::array<RecordField, 23> kProbeFields = {{
    {"target",
     "What to probe: http://, https://, tcp://HOST:PORT, tls://HOST:PORT, unix:/SOCKET, or unix:/SOCKET:/PATH for HTTP "
     "over a socket."},
    {"interval", "Time from one probe's start to the next (15s)."},
    {"timeout", "How long a probe may take, with all redirects (5s); at most the interval."},
    {"method", "HTTP method (GET)."},
    {"headers", "HTTP fields to send, as a mapping.", true, true, true},
    {"request_body", "Body of the HTTP request.", false, false, true},
    {"status", "HTTP status codes that are a success: 200, 2xx or 200-204; a list (2xx).", true},
    {"body", "Regular expression that the first 64 KiB of the response's body must match."},
    {"body_not", "Regular expression that the first 64 KiB of the response's body must not match."},
    {"body_limit", "How large a response's body may be (16Mi)."},
    {"follow_redirects", "Whether redirects are followed, at most 10 (true)."},
    {"username", "User of HTTP Basic authentication; takes a password_file."},
    {"password_file", "File with the password."},
    {"bearer_token_file", "File with the token of the Authorization field."},
    {"ca_file", "PEM file with the authorities that sign the server's certificate (the system's)."},
    {"server_name", "Name that the server's certificate must have (the target's host)."},
    {"insecure", "Whether any certificate is accepted (false)."},
    {"ip_protocol", "ip4, ip6 or any (any)."},
    {"send", "Of tcp, tls and unix: what is sent once the connection stands.", false, false, true},
    {"expect", "Of tcp, tls and unix: regular expression that the first 64 KiB that the server sends must match."},
    {"http_version", "1.0 or 1.1 (1.1)."},
    {"user_agent", "The User-Agent field (vitalsd)."},
    {"host", "The Host field (the target's host)."},
}};

enum class ProbeKind : std::uint8_t { http, tcp, tls, local };
enum class IpProtocol : std::uint8_t { any, ip4, ip6 };

struct StatusRange {
  unsigned first = 200, last = 299;
  bool operator==(const StatusRange&) const = default;
};

/// A value: two probes with equal records are equal.
struct ProbeSpec {
  Record record;  ///< what it was read from
  std::string name;
  std::string target;  ///< as it is connected to
  std::string shown;   ///< without secrets: the label
  ProbeKind kind = ProbeKind::http;
  std::string host, port, path;  ///< of tcp and tls; of local, `path`
  std::chrono::nanoseconds interval = std::chrono::seconds(15);
  std::chrono::nanoseconds timeout = std::chrono::seconds(5);
  std::string method = "GET", request_body, version = "1.1", user_agent = "vitalsd", host_field;
  std::vector<std::pair<std::string, std::string>> headers;
  std::vector<StatusRange> statuses = {StatusRange{}};
  std::optional<Pattern> body, body_not, expect;
  std::size_t body_limit = std::size_t{16} << 20U;
  std::size_t body_kept = std::size_t{64} << 10U;  ///< what expressions are matched against
  bool follow = true;
  std::string username, password_file, token_file, ca_file, server_name, send;
  bool insecure = false;
  IpProtocol protocol = IpProtocol::any;

  bool wants(unsigned status) const noexcept {
    for (const StatusRange& range : statuses) {
      if (status >= range.first && status <= range.last) return true;
    }
    return false;
  }
  bool needs_tls() const noexcept { return kind == ProbeKind::tls || target.starts_with("https://"); }
};

/// Checks one record. Throws OptionError(`option`) that names it, after the word `noun`, and says what to do.
ProbeSpec read_probe_spec(const Record& record, const std::string& option, std::string_view noun = "probe");
/// Checks the records of collectors.probe.targets.
std::vector<ProbeSpec> read_probe_specs(const std::vector<Record>& records);

}  // namespace vitalsd
