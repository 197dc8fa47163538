// Any bytes on a connection, in pieces or at once: it answers in HTTP or not at all, and ends.
#include <sys/socket.h>

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/fd.h"
#include "exporters/http/basic_auth.h"
#include "exporters/http/connection.h"
#include "exporters/http/hub.h"
#include "exporters/http/negotiate.h"
#include "exporters/http/query.h"
#include "exporters/http/upload.h"

namespace http = vitalsd::http;

namespace {

boost::asio::awaitable<http::Response> answer(http::Request request) {
  if (request.query == "throw") throw std::runtime_error("thrown");
  std::string text(request.method);
  text += request.path;
  text += request.accept;
  const auto query = http::parse_query(request.query);
  if (query) text += std::to_string(query->parameters().size());
  if (http::accepts_gzip(request.accept_encoding)) text += "gzip";
  if (request.scrape_timeout && request.scrape_timeout->count() <= 0) std::abort();
  co_return http::text_response(200, std::move(text));
}

// Takes a body, and refuses one that is longer than a hundred bytes.
class Counting final : public http::Upload {
 public:
  ~Counting() override {
    if (!ended_) std::abort();  // whatever the client does, it learns of the end
  }
  boost::asio::awaitable<std::optional<http::Response>> take(std::string part) override {
    if (part.empty()) std::abort();
    size_ += part.size();
    if (size_ <= 100) co_return std::nullopt;
    co_return http::text_response(413, "too much");
  }
  boost::asio::awaitable<http::Response> finish() override {
    ended_ = true;
    co_return http::text_response(200, std::to_string(size_));
  }
  boost::asio::awaitable<void> give_up() override {
    ended_ = true;
    co_return;
  }

 private:
  std::size_t size_ = 0;
  bool ended_ = false;
};

boost::asio::awaitable<http::Opened> open_upload(http::Request request) {
  http::Opened opened;
  opened.refusal = http::text_response(415, "not this");
  if (request.content_type.empty()) opened.upload = std::make_unique<Counting>();
  co_return opened;
}

std::shared_ptr<const http::Endpoint> make_endpoint() {
  const auto handler = [](const http::Request& request) { return answer(request); };
  auto routes = std::make_shared<const http::Routes>(
      http::Routes{{"/", "root", "GET, HEAD", handler},
                   {"/p", "post", "POST, PUT", handler},
                   {.path = "/u/",
                    .label = "upload",
                    .methods = "PUT",
                    .handle = {},
                    .prefix = true,
                    .upload = [](const http::Request& request) { return open_upload(request); }}});
  http::Guard guard;
  guard.judge = [](std::string_view shown, bool) -> boost::asio::awaitable<http::Entry> {
    co_return shown.empty() || http::basic_credentials(shown) ? http::Entry::granted : http::Entry::denied;
  };
  return std::make_shared<http::Endpoint>(
      http::Endpoint{std::move(routes), std::make_shared<const http::Guard>(std::move(guard))});
}

http::Limits tiny() {
  http::Limits limits;
  limits.header_bytes = 256;
  limits.target_bytes = 64;
  limits.body_bytes = 32;
  limits.progress = std::chrono::milliseconds(200);
  limits.idle = std::chrono::milliseconds(200);
  return limits;
}

void read_answers(int fd, std::string& answers) {
  char chunk[4096];
  for (;;) {
    const ssize_t got = ::recv(fd, chunk, sizeof chunk, MSG_DONTWAIT);
    if (got <= 0) return;
    answers.append(chunk, static_cast<std::size_t>(got));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > 16384) return 0;
  const std::size_t piece = data[0] == 0 ? size : data[0];  // the first byte is the size of the pieces
  std::string_view rest(reinterpret_cast<const char*>(data + 1), size - 1);
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0) return 0;
  const vitalsd::Fd peer(ends[0]);
  boost::asio::io_context loop(1);
  unsigned answered = 0;
  const auto hub = std::make_shared<http::Hub>(loop, tiny(), [&](std::string_view, unsigned status, auto) {
    if (status < 200 || status > 599) std::abort();
    ++answered;
  });
  hub->admit(vitalsd::Fd(ends[1]), AF_UNIX, sockaddr_storage{}, make_endpoint());
  std::string answers;
  while (!rest.empty()) {
    const ssize_t sent = ::send(peer.get(), rest.data(), std::min(piece, rest.size()), MSG_NOSIGNAL);
    if (sent <= 0 && errno != EAGAIN) break;
    rest.remove_prefix(sent > 0 ? static_cast<std::size_t>(sent) : 0);
    loop.poll();
    read_answers(peer.get(), answers);
  }
  ::shutdown(peer.get(), SHUT_WR);
  for (int turns = 0; hub->connections() != 0; ++turns) {
    if (turns > 10'000) std::abort();  // the connection must end
    loop.run_one_for(std::chrono::milliseconds(1));
    read_answers(peer.get(), answers);
  }
  read_answers(peer.get(), answers);
  if (!answers.empty() && !answers.starts_with("HTTP/1.1 ")) std::abort();
  if (answered == 0 && answers.find("HTTP/1.1 ") != answers.npos && answers.find("100 Continue") == answers.npos)
    std::abort();
  return 0;
}
