// A test fixture with a server whose loop runs in its own thread, and a client that sends exactly the given bytes.
#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <filesystem>
#include <future>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/fd.h"
#include "exporters/http/address.h"
#include "exporters/http/server.h"

namespace vitalsd::http {

struct Reply {
  unsigned status = 0;
  std::string head, body;
  bool has(std::string_view line) const { return head.find("\r\n" + std::string(line) + "\r\n") != head.npos; }
};

class RawClient {
 public:
  /// Connects. `from` is the local address to connect from, if not empty.
  explicit RawClient(const std::string& address, int receive_buffer = 0, const std::string& from = {}) {
    const SocketName name = resolve(parse_address(address)).front();
    fd_.reset(::socket(name.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (receive_buffer > 0) ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    if (!from.empty()) {
      const SocketName source = resolve(parse_address(from + ":0")).front();
      EXPECT_EQ(::bind(fd_.get(), source.get(), source.size), 0);
    }
    connected_ = ::connect(fd_.get(), name.get(), name.size) == 0;
  }
  bool connected() const { return connected_; }
  RawClient& send(std::string_view text) {
    while (!text.empty()) {
      const ssize_t sent = ::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) break;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return *this;
  }
  RawClient& get(const std::string& target, const std::string& fields = {}) {
    return send("GET " + target + " HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n");
  }
  void finish_sending() { ::shutdown(fd_.get(), SHUT_WR); }

  /// Reads the next whole response; its status is 0 when the connection ends before.
  Reply reply(bool bodiless = false) {
    Reply reply;
    std::size_t end = 0;
    while ((end = in_.find("\r\n\r\n")) == in_.npos) {
      if (!more()) return reply;
    }
    reply.head = in_.substr(0, end + 4);
    in_.erase(0, end + 4);
    const auto length = reply.head.find("\r\nContent-Length: ");
    const std::size_t size =
        bodiless || length == reply.head.npos ? 0 : std::strtoul(reply.head.c_str() + length + 18, nullptr, 10);
    while (in_.size() < size) {
      if (!more()) return reply;
    }
    reply.body = in_.substr(0, size);
    in_.erase(0, size);
    reply.status = static_cast<unsigned>(std::strtoul(reply.head.c_str() + 9, nullptr, 10));
    return reply;
  }
  /// Waits for the end of the connection. False when bytes arrive before it.
  bool at_end() {
    while (more()) {
    }
    return in_.empty() && ended_;
  }
  std::size_t drain_all() {
    std::size_t total = in_.size();
    in_.clear();
    while (more()) {
      total += in_.size();
      in_.clear();
    }
    return total;
  }
  /// True while the connection is open and silent; does not wait.
  bool is_open() {
    char byte;
    return ::recv(fd_.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
  }

 private:
  bool more() {
    pollfd entry{fd_.get(), POLLIN, 0};
    if (::poll(&entry, 1, 20'000) != 1) return false;  // the test has failed
    char chunk[16384];
    const ssize_t got = ::recv(fd_.get(), chunk, sizeof chunk, 0);
    ended_ = got == 0;
    if (got <= 0) return false;
    in_.append(chunk, static_cast<std::size_t>(got));
    return true;
  }
  Fd fd_;
  bool connected_ = false;
  bool ended_ = false;
  std::string in_;
};

class HttpServer : public testing::Test {
 protected:
  struct Seen {
    std::string label;
    unsigned status;
  };

  void TearDown() override {
    on_loop([this] { server_.reset(); });
    stop_loop();
  }

  /// Starts listening on `addresses`. The actual address of the first becomes address_.
  void start(Limits limits = {}, std::vector<std::string> addresses = {"127.0.0.1:0"}) {
    thread_ = std::thread([this] { loop_.run(); });
    on_loop([&] {
      server_.emplace(loop_, limits, [this](std::string_view label, unsigned status, std::chrono::nanoseconds took) {
        EXPECT_GE(took.count(), 0);
        seen_.push_back({std::string(label), status});
      });
      server_->bind(bindings(addresses, routes("ok")));
      address_ = server_->addresses().front();
    });
  }
  void stop_loop() {
    guard_.reset();
    if (thread_.joinable()) thread_.join();
  }
  static std::vector<Binding> bindings(const std::vector<std::string>& addresses,
                                       std::shared_ptr<const Routes> routes) {
    std::vector<Binding> all;
    for (const auto& address : addresses) all.push_back({address, routes});
    return all;
  }

  /// Runs `work` on the loop, waits for it, and rethrows what it throws.
  void on_loop(std::function<void()> work) {
    std::packaged_task<void()> task(std::move(work));
    auto done = task.get_future();
    boost::asio::post(loop_, [&task] { task(); });
    done.get();
  }
  std::size_t connections() {
    std::size_t count = 0;
    on_loop([&] { count = server_->connections(); });
    return count;
  }
  std::vector<Seen> seen() {
    std::vector<Seen> copy;
    on_loop([&] { copy = seen_; });
    return copy;
  }

  std::shared_ptr<const Routes> routes(std::string text) {
    const auto body = std::make_shared<const std::string>(std::move(text));
    return std::make_shared<const Routes>(Routes{
        {"/metrics", "metrics", "GET, HEAD", [body](const Request&) { return answer(body); }},
        {"/echo", "echo", "GET, HEAD", [](const Request& request) { return echo(request); }},
        {"/big", "big", "GET", [big = big_](const Request&) { return answer(big); }},
        {"/throw", "throw", "GET", [](const Request&) { return fail(); }},
        {"/wait", "wait", "GET", [this](const Request&) { return wait(); }},
        {"/-/reload", "reload", "POST, PUT", [body](const Request&) { return answer(body); }},
    });
  }
  /// Waits until the handler of /wait holds `count` requests.
  void await_waiting(std::size_t count) {
    std::size_t now = 0;
    while (now < count) on_loop([&] { now = waiting_.size(); });
  }
  void release_waiting() {
    on_loop([this] {
      for (auto* timer : waiting_) timer->cancel();
      waiting_.clear();
    });
  }

  boost::asio::io_context loop_{1};
  std::optional<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> guard_{loop_.get_executor()};
  std::optional<Server> server_;
  std::string address_;
  std::shared_ptr<const std::string> big_ = std::make_shared<const std::string>(24U << 20U, 'b');

 private:
  static boost::asio::awaitable<Response> answer(std::shared_ptr<const std::string> body) {
    Response response;
    response.body = std::move(body);
    co_return response;
  }
  static boost::asio::awaitable<Response> echo(Request r) {
    std::string text(r.method);
    for (const std::string_view part : {r.path, r.query, r.accept, r.accept_encoding}) {
      text += '|';
      text += part;
    }
    text += '|' + (r.scrape_timeout ? std::to_string(r.scrape_timeout->count()) : "none");
    co_return text_response(200, std::move(text));
  }
  static boost::asio::awaitable<Response> fail() {
    throw std::runtime_error("the reason");
    co_return Response{};
  }
  boost::asio::awaitable<Response> wait() {
    boost::asio::steady_timer timer(loop_, std::chrono::steady_clock::time_point::max());
    waiting_.push_back(&timer);
    try {
      co_await timer.async_wait(boost::asio::use_awaitable);
    } catch (const boost::system::system_error&) {
    }
    co_return text_response(200, "waited");
  }

  std::vector<boost::asio::steady_timer*> waiting_;
  std::vector<Seen> seen_;
  std::thread thread_;
};

/// A temporary directory, removed by the destructor.
class TempDir {
 public:
  TempDir() {
    std::string pattern = std::filesystem::temp_directory_path() / "vitalsd-XXXXXX";
    path_ = ::mkdtemp(pattern.data());
  }
  ~TempDir() { std::filesystem::remove_all(path_); }
  std::string operator/(std::string_view name) const { return path_ + "/" + std::string(name); }

 private:
  std::string path_;
};

}  // namespace vitalsd::http
