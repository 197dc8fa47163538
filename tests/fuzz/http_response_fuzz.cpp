// Whatever a server answers, in whatever pieces: reading it ends, keeps to its limits, and a redirect leads to a URL
// that is refused or can be asked.
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "daemon/probe/http_exchange.h"
#include "exporters/http/client.h"

using namespace vitalsd;

namespace {

boost::asio::awaitable<void> exchange(Stream& stream, HttpReply& reply, ProbeFault& fault) {
  HttpAsk ask{.text = "GET / HTTP/1.1\r\n\r\n", .keep = 16, .body_limit = 1000};
  fault = co_await http_exchange(stream, std::move(ask), reply);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 60'000) return 0;  // what the socket takes at once
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0) return 0;
  boost::asio::io_context loop(1);
  HttpReply reply;
  ProbeFault fault = ProbeFault::none;
  {
    Stream stream(loop, std::chrono::steady_clock::now() + std::chrono::seconds(10), ends[0]);
    if (::send(ends[1], data, size, MSG_NOSIGNAL) != static_cast<ssize_t>(size)) std::abort();
    ::shutdown(ends[1], SHUT_WR);
    boost::asio::co_spawn(loop, exchange(stream, reply, fault), boost::asio::detached);
    loop.run();
  }
  ::close(ends[1]);
  if (fault == ProbeFault::timeout || reply.body.size() > 16 || reply.body_bytes > 1000) std::abort();
  if (fault == ProbeFault::none && reply.status < 101) std::abort();
  if (fault != ProbeFault::none && reply.detail.empty()) std::abort();
  const auto next = redirected("http://a/b?c", reply.location);
  if (!next) return 0;
  if (!next->starts_with("http://") && !next->starts_with("https://")) std::abort();
  if (const auto url = http::parse_url(*next); url && url->address.is_unix()) std::abort();
  return 0;
}
