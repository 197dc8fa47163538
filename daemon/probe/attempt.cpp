#include "daemon/probe/attempt.h"

#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include "daemon/config/masked.h"
#include "daemon/probe/http_exchange.h"
#include "exporters/http/client.h"

namespace vitalsd {
namespace asio = boost::asio;
using SteadyTime = std::chrono::steady_clock::time_point;
namespace {

constexpr unsigned kMostRedirects = 10;
constexpr std::size_t kMostAddresses = 8;
constexpr std::size_t kMostRead = std::size_t{64} << 10U;  // of what a server sends that does not speak HTTP

SteadyTime now() { return std::chrono::steady_clock::now(); }

bool is_redirect(unsigned status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

// Scheme, host and port: what secrets are meant for.
std::string_view origin_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  return scheme == url.npos ? url : url.substr(0, url.find_first_of("/?", scheme + 3));
}

class Attempt {
 public:
  Attempt(ProbeTools& tools, const ProbeSpec& spec)
      : tools_(tools), spec_(spec), start_(now()), deadline_(start_ + spec.timeout) {}

  asio::awaitable<ProbeAnswer> run() {
    if (spec_.kind == ProbeKind::http) {
      co_await follow();
    } else {
      co_await converse();
    }
    outcome_.duration = std::chrono::duration<double>(now() - start_).count();
    co_return ProbeAnswer{std::move(outcome_), std::move(body_), std::move(content_type_)};
  }

 private:
  using Done = asio::awaitable<bool>;

  // Resolves, connects and, if asked to, makes the TLS handshake.
  Done open(http::Address address, bool tls, std::unique_ptr<Stream>& stream) {
    const auto wanted = std::make_shared<Preparation>();
    wanted->address = std::move(address);
    wanted->any_family = spec_.protocol == IpProtocol::any;
    wanted->family = spec_.protocol == IpProtocol::ip4 ? AF_INET : AF_INET6;
    wanted->tls = tls;
    wanted->insecure = spec_.insecure;
    wanted->ca_file = spec_.ca_file;
    wanted->secret_file = spec_.password_file.empty() ? spec_.token_file : spec_.password_file;
    wanted->contexts = tools_.contexts;
    outcome_.at = ProbePhase::resolve;
    const bool done = co_await tools_.preparer.run(wanted, deadline_);
    if (!done) co_return outcome_.fail(ProbeFault::timeout, "the name was not resolved in time");
    if (wanted->fault != ProbeFault::none) co_return outcome_.fail(wanted->fault, wanted->detail);
    outcome_.took(ProbePhase::resolve, wanted->resolved);
    secret_ = wanted->secret;
    stream = std::make_unique<Stream>(tools_.loop, deadline_);
    if (!co_await connect(*stream, wanted->names)) co_return false;
    if (!tls) co_return true;
    const std::string& host = spec_.server_name.empty() ? wanted->address.host : spec_.server_name;
    co_return co_await secure(*stream, wanted->context, host);
  }

  // Tries one address after the other; each that does not answer leaves time for those after it.
  Done connect(Stream& stream, const std::vector<http::SocketName>& names) {
    outcome_.at = ProbePhase::connect;
    const SteadyTime begun = now();
    const std::size_t count = std::min(names.size(), kMostAddresses);
    StreamStatus status = StreamStatus::failed;
    for (std::size_t i = 0; i < count && status != StreamStatus::done; ++i) {
      const SteadyTime moment = now();
      const auto share = (deadline_ - moment) / static_cast<long>(count - i);
      status = co_await stream.connect(names[i], moment + share);
      const int family = names[i].family();
      if (family != AF_UNIX) outcome_.ip_protocol = family == AF_INET ? 4 : 6;
    }
    if (status == StreamStatus::late) co_return outcome_.fail(ProbeFault::timeout, "no connection in time");
    if (status != StreamStatus::done) co_return outcome_.fail(ProbeFault::connect, stream.error());
    outcome_.took(ProbePhase::connect, now() - begun);
    co_return true;
  }

  Done secure(Stream& stream, std::shared_ptr<const tls::Context> context, std::string host) {
    outcome_.at = ProbePhase::tls;
    const SteadyTime begun = now();
    const StreamStatus status = co_await stream.secure(std::move(context), std::move(host));
    if (status == StreamStatus::late) co_return outcome_.fail(ProbeFault::timeout, "no TLS handshake in time");
    if (status != StreamStatus::done) co_return outcome_.fail(ProbeFault::tls, stream.error());
    outcome_.took(ProbePhase::tls, now() - begun);
    const tls::PeerFacts peer = stream.peer();
    outcome_.tls_version = peer.version.starts_with("TLSv") ? "TLS " + peer.version.substr(4) : peer.version;
    outcome_.certificate_expiry = peer.expiry ? static_cast<double>(peer.expiry->time_since_epoch().count()) : kAbsent;
    co_return true;
  }

  // HTTP: asks, and asks again where redirects lead to.
  asio::awaitable<void> follow() {
    std::string url = spec_.target, method = spec_.method;
    for (;;) {
      HttpReply reply;
      const bool asked = co_await ask(url, method, reply);
      note(reply);
      if (!asked) co_return;
      if (!spec_.follow || !is_redirect(reply.status)) {
        judge(reply);
        body_ = std::move(reply.body);
        content_type_ = std::move(reply.content_type);
        co_return;
      }
      if (outcome_.redirects >= kMostRedirects) {
        outcome_.fail(ProbeFault::redirects, "more than " + std::to_string(kMostRedirects) + " redirects");
        co_return;
      }
      const auto next = redirected(url, reply.location);
      if (!next) {
        outcome_.fail(ProbeFault::redirects, next.error());
        co_return;
      }
      ++outcome_.redirects;
      if (method != "HEAD" && (reply.status == 303 || (reply.status < 303 && method == "POST"))) method = "GET";
      url = *next;
    }
  }

  Done ask(const std::string& text, const std::string& method, HttpReply& reply) {
    const auto url = http::parse_url(text, "/");
    if (!url || url->host.find('@') != std::string::npos || url->address.port == "0") {
      co_return outcome_.fail(ProbeFault::redirects, "a redirect to what is no URL: " + conf::masked_url(text));
    }
#ifdef VITALSD_STATIC
    if (url->tls) co_return outcome_.fail(ProbeFault::tls, "the static build has no TLS");
#endif
    outcome_.https = url->tls;
    std::unique_ptr<Stream> stream;
    if (!co_await open(url->address, url->tls, stream)) co_return false;
    outcome_.at = ProbePhase::processing;
    HttpAsk question{.text = request(*url, text, method),
                     .is_head = method == "HEAD",
                     .keep = spec_.body_kept,
                     .body_limit = spec_.body_limit};
    const SteadyTime begun = now();
    const ProbeFault fault = co_await http_exchange(*stream, std::move(question), reply);
    const bool any = reply.first_byte != SteadyTime{};
    if (any) {
      outcome_.took(ProbePhase::processing, reply.first_byte - begun);
      outcome_.at = ProbePhase::transfer;
    }
    if (fault != ProbeFault::none) co_return outcome_.fail(fault, reply.detail);
    outcome_.took(ProbePhase::transfer, now() - reply.first_byte);
    co_return true;
  }

  // A redirect to elsewhere gets none of what the user gave for the target.
  std::string request(const http::Url& url, const std::string& text, const std::string& method) const {
    const bool ours = origin_of(text) == origin_of(spec_.target);
    std::string head =
        http_request_line(method, url.target.starts_with('/') ? url.target : "/" + url.target, spec_.version);
    append_field(head, "Host", ours && !spec_.host_field.empty() ? spec_.host_field : url.host);
    append_field(head, "User-Agent", spec_.user_agent);
    append_field(head, "Connection", "close");
    if (ours) {
      for (const auto& [name, value] : spec_.headers) append_field(head, name, value);
      if (!spec_.username.empty()) append_field(head, "Authorization", basic_authorization(spec_.username, secret_));
      if (!spec_.token_file.empty()) append_field(head, "Authorization", "Bearer " + secret_);
    }
    const bool sends = !spec_.request_body.empty() && method == spec_.method && ours;
    if (sends) append_field(head, "Content-Length", std::to_string(spec_.request_body.size()));
    head += "\r\n";
    return sends ? head + spec_.request_body : head;
  }

  void note(const HttpReply& reply) {
    if (reply.status == 0) return;
    outcome_.status = reply.status;
    outcome_.http_version = static_cast<double>(reply.version / 10) + static_cast<double>(reply.version % 10) / 10;
    outcome_.content_length = reply.content_length ? static_cast<double>(*reply.content_length) : -1;
    outcome_.body_bytes = static_cast<double>(reply.body_bytes);
  }

  void judge(const HttpReply& reply) {
    if (!spec_.wants(reply.status)) {
      outcome_.fail(ProbeFault::status, "status " + std::to_string(reply.status));
    } else if (spec_.body && !spec_.body->found_in(reply.body)) {
      outcome_.fail(ProbeFault::body, "the body does not match");
    } else if (spec_.body_not && spec_.body_not->found_in(reply.body)) {
      outcome_.fail(ProbeFault::body, "the body matches body_not");
    }
  }

  // TCP, TLS and Unix sockets: connects, sends, and waits for what is expected.
  asio::awaitable<void> converse() {
    http::Address address{.host = spec_.host, .port = spec_.port, .path = spec_.path};
    std::unique_ptr<Stream> stream;
    if (!co_await open(std::move(address), spec_.kind == ProbeKind::tls, stream)) co_return;
    const SteadyTime begun = now();
    if (spec_.send.empty() && !spec_.expect) co_return;
    outcome_.at = ProbePhase::processing;
    const StreamStatus sent = co_await stream->write(spec_.send);
    if (sent != StreamStatus::done) {
      lose(sent, "it could not be sent", stream->error());
      co_return;
    }
    if (spec_.expect && !co_await wait_for_expected(*stream)) co_return;
    outcome_.took(ProbePhase::processing, now() - begun);
  }

  // Longer texts are matched again only when they have grown by an eighth, so that bytes that come one by one cost no
  // more than their number; at the end all is matched.
  Done wait_for_expected(Stream& stream) {
    constexpr std::size_t kShort = 1024;
    std::string text;
    std::string part(16U << 10U, '\0');
    std::size_t matched = 0;
    StreamStatus status = StreamStatus::done;
    while (text.size() < kMostRead) {
      std::size_t got = 0;
      status = co_await stream.read_some(part.data(), part.size(), got);
      if (status != StreamStatus::done) break;
      text.append(part, 0, std::min(got, kMostRead - text.size()));
      if (text.size() > kShort && text.size() < matched + matched / 8 && text.size() < kMostRead) continue;
      matched = text.size();
      if (spec_.expect->found_in(text)) co_return true;
    }
    if (text.size() > matched && spec_.expect->found_in(text)) co_return true;
    if (status == StreamStatus::done) co_return outcome_.fail(ProbeFault::expect, "64 KiB do not match");
    if (text.empty()) co_return lose(status, "nothing was sent", stream.error());
    co_return status == StreamStatus::late ? lose(status, "nothing that matches was sent", stream.error())
                                           : outcome_.fail(ProbeFault::expect, "what was sent does not match");
  }

  bool lose(StreamStatus status, std::string_view what, const std::string& error) {
    const ProbeFault fault = status == StreamStatus::late    ? ProbeFault::timeout
                             : status == StreamStatus::ended ? ProbeFault::closed
                                                             : ProbeFault::io;
    const std::string text = status == StreamStatus::late ? std::string(what) + " in time" : error;
    return outcome_.fail(fault, text);
  }

  ProbeTools& tools_;
  const ProbeSpec& spec_;
  const SteadyTime start_, deadline_;
  ProbeOutcome outcome_;
  std::string secret_, body_, content_type_;
};

}  // namespace

asio::awaitable<ProbeAnswer> fetch_once(ProbeTools& tools, std::shared_ptr<const ProbeSpec> spec) {
  Attempt attempt(tools, *spec);
  co_return co_await attempt.run();
}

asio::awaitable<ProbeOutcome> probe_once(ProbeTools& tools, std::shared_ptr<const ProbeSpec> spec) {
  ProbeAnswer answer = co_await fetch_once(tools, std::move(spec));
  co_return std::move(answer.outcome);
}

}  // namespace vitalsd
