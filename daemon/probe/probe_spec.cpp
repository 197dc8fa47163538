#include "daemon/probe/probe_spec.h"

#include <algorithm>
#include <initializer_list>

#include "core/quantity.h"
#include "core/record_reader.h"
#include "core/scan.h"
#include "daemon/config/masked.h"
#include "exporters/http/client.h"
#include "exporters/http/fields.h"

namespace vitalsd {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kNameLimit = 128, kBodyLimit = std::size_t{1} << 30U;

// Only these bytes may be in a token (RFC 9110, 5.6.2): anything else would end the field or the line.
bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || kMarks.find(c) != kMarks.npos;
  });
}
bool is_field_value(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

// Reads one record; every refusal names the probe.
class Reader : private RecordReader {
 public:
  Reader(const Record& record, std::string option, std::string_view noun)
      : RecordReader(record, std::move(option), noun) {}

  ProbeSpec read() {
    spec_.record = record();
    spec_.name = text("name");
    if (spec_.name.empty() || spec_.name.size() > kNameLimit) refuse("needs a name of at most 128 bytes");
    read_target();
    spec_.interval = duration("interval", spec_.interval, 100ms, 24h * 366);
    spec_.timeout = duration("timeout", std::min(spec_.timeout, spec_.interval), 1ms, spec_.interval);
    read_trust();
    if (spec_.kind == ProbeKind::http) {
      read_request();
      read_judgement();
      read_credentials();
      refuse_others({"send", "expect"}, "an HTTP target");
    } else {
      refuse_others(
          {"method", "headers", "request_body", "status", "body", "body_not", "body_limit", "follow_redirects",
           "username", "password_file", "bearer_token_file", "http_version", "user_agent", "host"},
          "a target that is not HTTP");
      spec_.send = text("send");
      spec_.expect = pattern("expect");
    }
    return std::move(spec_);
  }

 private:
  void refuse_others(std::initializer_list<std::string_view> keys, std::string_view target) const {
    for (const std::string_view key : keys) {
      if (has(key)) refuse(std::string(key) + " means nothing for " + std::string(target));
    }
  }
  std::optional<Pattern> pattern(std::string_view key) const {
    if (!has(key)) return {};
    try {
      return Pattern(option(), text(key));
    } catch (const OptionError& error) {
      refuse(std::string(key) + ": " + error.what());
    }
  }
  void read_target() {
    spec_.target = text("target");
    spec_.shown = conf::masked_url(spec_.target);
    if (spec_.target.empty()) refuse("needs a target");
    const bool tcp = spec_.target.starts_with("tcp://"), tls = spec_.target.starts_with("tls://");
    if (tcp || tls) {
      spec_.kind = tcp ? ProbeKind::tcp : ProbeKind::tls;
      read_host_port(std::string_view(spec_.target).substr(6));
    } else if (spec_.target.starts_with("unix:") && spec_.target.find(":/", 5) == std::string::npos) {
      spec_.kind = ProbeKind::local;
      spec_.path = spec_.target.substr(5);
      if (!spec_.path.starts_with('/') || spec_.path.size() > 107) refuse("the socket needs an absolute path");
    } else {
      const auto url = http::parse_url(spec_.target, "/");
      if (!url) refuse("target " + quote(spec_.shown) + ": " + url.error() + "; tcp:// and tls:// are possible, too");
      if (url->address.host.empty() && !url->address.is_unix()) refuse("the target names no host");
    }
#ifdef VITALSD_STATIC
    if (spec_.needs_tls()) refuse("the static build has no TLS; use the dynamic one, or a proxy beside it");
#endif
  }

  void read_host_port(std::string_view rest) {
    const std::size_t colon = rest.rfind(':');
    if (colon == rest.npos) refuse("the target names no HOST:PORT");
    std::string_view host = rest.substr(0, colon);
    const auto port = parse_number<std::uint16_t>(rest.substr(colon + 1), "port");
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    const bool bad = host.find_first_of(" /@[]") != host.npos;
    if (host.empty() || bad || !port || *port == 0) refuse("the target names no HOST:PORT");
    spec_.host = host;
    spec_.port = std::to_string(*port);
  }

  void read_trust() {
    spec_.insecure = flag("insecure", false);
    spec_.ca_file = file("ca_file");
    spec_.server_name = text("server_name");
    constexpr std::array<std::string_view, 3> kProtocols = {"any", "ip4", "ip6"};
    const auto known = has("ip_protocol") ? std::ranges::find(kProtocols, text("ip_protocol")) : kProtocols.begin();
    if (known == kProtocols.end()) refuse("ip_protocol must be ip4, ip6 or any, not " + quote(text("ip_protocol")));
    spec_.protocol = static_cast<IpProtocol>(known - kProtocols.begin());
  }

  std::string file(std::string_view key) const {
    std::string path = text(key);
    if (has(key) && !path.starts_with('/')) refuse(std::string(key) + " must be an absolute path, not " + quote(path));
    return path;
  }

  void read_request() {
    if (has("method")) spec_.method = text("method");
    if (!is_token(spec_.method) || spec_.method == "CONNECT")
      refuse(quote(spec_.method) + " is no method to probe with");
    spec_.request_body = text("request_body");
    if (has("user_agent")) spec_.user_agent = text("user_agent");
    spec_.host_field = text("host");
    if (has("http_version")) spec_.version = text("http_version");
    if (spec_.version != "1.0" && spec_.version != "1.1") refuse("http_version must be 1.0 or 1.1");
    if (!is_field_value(spec_.user_agent) || !is_field_value(spec_.host_field)) refuse("a field must be one line");
    for (const std::string& item : list("headers")) {
      const std::size_t equals = item.find('=');
      const std::string name = item.substr(0, equals);
      if (equals == std::string::npos || !is_token(name)) refuse("headers: " + quote(name) + " is no field's name");
      constexpr std::array<std::string_view, 5> kOurs = {"host", "user-agent", "connection", "content-length",
                                                         "transfer-encoding"};
      if (std::ranges::any_of(kOurs, [&](std::string_view ours) { return http::same(name, ours); }))
        refuse("headers: " + quote(name) + " has an option of its own, or is not for you to set");
      if (!is_field_value(item)) refuse("headers: the value of " + quote(name) + " must be one line");
      spec_.headers.emplace_back(name, item.substr(equals + 1));
    }
    spec_.follow = flag("follow_redirects", true);
  }

  void read_judgement() {
    if (has("status")) spec_.statuses.clear();
    for (const std::string& item : list("status")) spec_.statuses.push_back(status(item));
    spec_.body = pattern("body");
    spec_.body_not = pattern("body_not");
    if (has("body_limit")) {
      const auto limit = parse_size(text("body_limit"));
      if (!limit || *limit == 0 || *limit > kBodyLimit) refuse("body_limit must be a size of at most 1Gi");
      spec_.body_limit = *limit;
    }
  }

  StatusRange status(const std::string& item) const {
    if (item.size() == 3 && item.ends_with("xx") && item[0] >= '1' && item[0] <= '5') {
      const unsigned first = static_cast<unsigned>(item[0] - '0') * 100;
      return {first, first + 99};
    }
    const std::size_t dash = std::min(item.find('-'), item.size());
    const auto first = parse_number<std::uint16_t>(item.substr(0, dash), "status");
    const auto last = dash == item.size() ? first : parse_number<std::uint16_t>(item.substr(dash + 1), "status");
    if (first && last && *first >= 100 && *first <= *last && *last <= 599) return {*first, *last};
    refuse("status must be like 200, 2xx or 200-204, not " + quote(item));
  }

  void read_credentials() {
    spec_.username = text("username");
    spec_.password_file = file("password_file");
    spec_.token_file = file("bearer_token_file");
    if (spec_.username.empty() != spec_.password_file.empty()) refuse("username and password_file need each other");
    if (!spec_.username.empty() && !spec_.token_file.empty()) refuse("takes a password or a token, not both");
    if (spec_.username.find(':') != std::string::npos) refuse("the username must not have a colon");
  }

  ProbeSpec spec_;
};

}  // namespace

ProbeSpec read_probe_spec(const Record& record, const std::string& option, std::string_view noun) {
  return Reader(record, option, noun).read();
}

std::vector<ProbeSpec> read_probe_specs(const std::vector<Record>& records) {
  std::vector<ProbeSpec> specs;
  specs.reserve(records.size());
  for (std::size_t i = 0; i < records.size(); ++i)
    specs.push_back(read_probe_spec(records[i], "targets[" + std::to_string(i) + "]"));
  return specs;
}

}  // namespace vitalsd
