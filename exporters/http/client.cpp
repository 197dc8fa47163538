#include "exporters/http/client.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cerrno>
#include <optional>
#include <system_error>

#include "core/fd.h"
#include "exporters/http/server.h"
#include "exporters/tls/session.h"

namespace vitalsd::http {
namespace {

using std::chrono::steady_clock;
using Fault = std::optional<std::string>;
constexpr std::size_t kMostBody = 1U << 20U;
constexpr std::size_t kMostHead = 64U << 10U;

std::string words(int error) { return std::generic_category().message(error); }

/// True once `fd` is ready for `events`; false at the deadline.
bool wait_for(int fd, short events, steady_clock::time_point deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - steady_clock::now()).count();
    if (left <= 0) return false;
    pollfd entry{fd, events, 0};
    const int ready = ::poll(&entry, 1, static_cast<int>(std::min<long>(left, 1'000'000)));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

Fault connect_to(const SocketName& name, steady_clock::time_point deadline, Fd& out) {
  Fd fd(::socket(name.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return words(errno);
  if (::connect(fd.get(), name.get(), name.size) != 0) {
    if (errno != EINPROGRESS) return words(errno);
    if (!wait_for(fd.get(), POLLOUT, deadline)) return "no connection in time";
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return words(error);
  }
  out = std::move(fd);
  return std::nullopt;
}

// The connected socket, or TLS over it.
class Peer {
 public:
  enum class Step : unsigned char { done, ended, late, failed };

  Peer(Fd fd, steady_clock::time_point deadline) : fd_(std::move(fd)), deadline_(deadline) {}
  void speak_tls(std::shared_ptr<const tls::Context> context, const std::string& host) {
    session_.emplace(std::move(context), fd_.get(), host);
  }

  Step read(char* to, std::size_t size, std::size_t& count) {
    return go([&] {
      return session_ ? session_->read(to, size, count) : plain(::recv(fd_.get(), to, size, 0), POLLIN, count);
    });
  }
  Step write(std::string_view text, std::size_t& count) {
    return go([&] {
      return session_ ? session_->write(text.data(), text.size(), count)
                      : plain(::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL), POLLOUT, count);
    });
  }
  const std::string& error() const { return error_; }

 private:
  tls::Status plain(ssize_t result, short events, std::size_t& count) {
    count = static_cast<std::size_t>(std::max<ssize_t>(result, 0));
    if (result > 0) return tls::Status::done;
    if (result == 0) return tls::Status::ended;
    if (errno == EAGAIN || errno == EINTR) return events == POLLIN ? tls::Status::want_read : tls::Status::want_write;
    error_ = words(errno);
    return tls::Status::failed;
  }

  template <class Once>
  Step go(Once once) {
    for (;;) {
      const tls::Status status = once();
      if (status == tls::Status::done) return Step::done;
      if (status == tls::Status::ended) return Step::ended;
      if (status == tls::Status::want_read || status == tls::Status::want_write) {
        if (wait_for(fd_.get(), status == tls::Status::want_read ? POLLIN : POLLOUT, deadline_)) continue;
        return Step::late;
      }
      if (session_) error_ = "TLS: " + session_->error();
      return Step::failed;
    }
  }

  Fd fd_;
  steady_clock::time_point deadline_;
  std::optional<tls::Session> session_;
  std::string error_;
};

Fault send_all(Peer& peer, std::string_view text) {
  while (!text.empty()) {
    std::size_t sent = 0;
    switch (peer.write(text, sent)) {
      case Peer::Step::done: text.remove_prefix(sent); break;
      case Peer::Step::ended: return "the connection was closed without an answer";
      case Peer::Step::late: return "the request could not be sent in time";
      case Peer::Step::failed: return peer.error();
    }
  }
  return std::nullopt;
}

std::expected<Fetched, std::string> receive(Peer& peer) {
  namespace http = boost::beast::http;
  boost::beast::flat_buffer buffer(kMostHead + kMostBody);
  http::response_parser<http::string_body> parser;
  parser.header_limit(kMostHead);
  parser.body_limit(kMostBody);
  parser.eager(true);
  while (!parser.is_done()) {
    const auto room = buffer.prepare(std::min<std::size_t>(16384, buffer.max_size() - buffer.size()));
    std::size_t got = 0;
    const Peer::Step step = peer.read(static_cast<char*>(room.data()), room.size(), got);
    if (step == Peer::Step::late) return std::unexpected("no answer in time");
    if (step == Peer::Step::failed) return std::unexpected(peer.error());
    boost::system::error_code error;
    if (step == Peer::Step::ended) {
      if (!parser.got_some()) return std::unexpected("the connection was closed without an answer");
      parser.put_eof(error);
      if (error) return std::unexpected("the connection was closed within the answer");
      break;
    }
    buffer.commit(got);
    buffer.consume(parser.put(buffer.data(), error));
    if (error && error != http::error::need_more) return std::unexpected("not an HTTP answer: " + error.message());
  }
  return Fetched{parser.get().result_int(), std::move(parser.get().body())};
}

}  // namespace

std::expected<Url, std::string> parse_url(std::string_view text, std::string_view fallback) {
  constexpr std::string_view kHttp = "http://", kHttps = "https://";
  Url url{.address = {}, .tls = text.starts_with(kHttps), .host = "localhost", .target = std::string(fallback)};
  for (const char c : text) {  // these would break the request line
    if (static_cast<unsigned char>(c) <= ' ' || c == 0x7F)
      return std::unexpected("the URL has a blank or control character");
  }
  try {
    if (text.starts_with("unix:")) {
      const auto colon = text.find(":/", 5);
      url.address = parse_address(text.substr(0, colon));
      if (colon != text.npos) url.target = text.substr(colon + 1);
      return url;
    }
    if (!url.tls && !text.starts_with(kHttp)) {
      return std::unexpected("the URL starts with none of http://, https:// and unix:/");
    }
    text.remove_prefix(url.tls ? kHttps.size() : kHttp.size());
    const auto slash = std::min(text.find('/'), text.size());
    url.host = text.substr(0, slash);
    if (url.host.empty()) return std::unexpected("the URL names no host:port");
    if (url.host.contains('@')) return std::unexpected("the URL has a user or a password, which is not supported");
    if (slash < text.size()) url.target = text.substr(slash);
    const bool has_port = url.host.rfind(':') != url.host.npos && !url.host.ends_with(']');
    url.address = parse_address(has_port ? url.host : url.host + (url.tls ? ":443" : ":80"));
    return url;
  } catch (const ListenError&) {
    return std::unexpected("the URL names no host:port");
  }
}

namespace {

// `rest` is sent after the request line and the Host field.
std::expected<Fetched, std::string> ask(std::string_view method, std::string_view text, std::string_view rest,
                                        std::chrono::milliseconds deadline, Trust trust) {
  const auto url = parse_url(text);
  if (!url) return std::unexpected(url.error());
  std::shared_ptr<const tls::Context> context;
  if (url->tls) {
    auto made = tls::Context::client(trust == Trust::authorities);
    if (!made) return std::unexpected(made.error());
    context = *std::move(made);
  }
  std::vector<SocketName> names;
  try {
    names = resolve(url->address);
  } catch (const ListenError& error) {
    return std::unexpected("the host of the URL is unknown");
  }
  const auto end = steady_clock::now() + deadline;
  Fd fd;
  Fault fault = "no address";
  for (const SocketName& name : names) {
    fault = connect_to(name, end, fd);
    if (!fault) break;
  }
  if (fault) return std::unexpected(*fault);
  Peer peer(std::move(fd), end);
  if (context) peer.speak_tls(std::move(context), url->address.host);
  std::string request(method);
  request.append(" ").append(url->target).append(" HTTP/1.1\r\nHost: ").append(url->host);
  request.append("\r\nUser-Agent: vitalsd\r\nConnection: close\r\n").append(rest);
  fault = send_all(peer, request);
  if (fault) return std::unexpected(*fault);
  return receive(peer);
}

}  // namespace

std::expected<Fetched, std::string> fetch(std::string_view url, std::chrono::milliseconds deadline, Trust trust) {
  return ask("GET", url, "\r\n", deadline, trust);
}

std::expected<Fetched, std::string> put(std::string_view url, std::string_view content_type, std::string_view body,
                                        std::chrono::milliseconds deadline) {
  std::string rest("Content-Type: ");
  rest.append(content_type).append("\r\nContent-Length: ").append(std::to_string(body.size())).append("\r\n\r\n");
  return ask("PUT", url, rest.append(body), deadline, Trust::authorities);
}

std::expected<Fetched, std::string> post(std::string_view url, std::string_view content_type, std::string_view fields,
                                         std::string_view body, std::chrono::milliseconds deadline) {
  std::string rest("Content-Type: ");
  rest.append(content_type).append("\r\nContent-Length: ").append(std::to_string(body.size())).append("\r\n");
  rest.append(fields).append("\r\n").append(body);
  return ask("POST", url, rest, deadline, Trust::authorities);
}

}  // namespace vitalsd::http
