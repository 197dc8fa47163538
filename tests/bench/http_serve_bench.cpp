// Serves a 20 KB text on one thread until SIGINT, to be asked by `wrk -t1 -c32 http://ADDRESS/metrics`.
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <cstdio>
#include <string>

#include "exporters/http/server.h"

namespace http = vitalsd::http;

namespace {
// Not a capturing lambda: its frame takes what it needs by value.
boost::asio::awaitable<http::Response> answer(std::shared_ptr<const std::string> body) {
  http::Response response;
  response.body = std::move(body);
  co_return response;
}
}  // namespace

int main(int argc, char** argv) {
  boost::asio::io_context loop(1);
  auto body = std::make_shared<const std::string>(20'000, 'x');
  http::Server server(loop, {}, [](std::string_view, unsigned, std::chrono::nanoseconds) {});
  auto routes = std::make_shared<const http::Routes>(
      http::Routes{{"/metrics", "metrics", "GET, HEAD", [body](const http::Request&) { return answer(body); }}});
  server.bind({{argc > 1 ? argv[1] : "127.0.0.1:0", routes}});
  std::printf("%s\n", server.addresses().front().c_str());
  std::fflush(stdout);
  boost::asio::signal_set signals(loop, SIGINT, SIGTERM);
  signals.async_wait([&](const boost::system::error_code&, int) {
    server.on_drained([&] { loop.stop(); });
    server.drain();
  });
  loop.run();
}
