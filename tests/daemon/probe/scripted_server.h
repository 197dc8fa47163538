// A server on loopback whose every connection is handled by a function on a blocking socket, on a thread of its own.
//   ScriptedServer server([](int fd) { send_text(fd, "HTTP/1.1 200 OK\r\n\r\n"); });  // server.port()
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace vitalsd {

/// False once the peer is gone.
inline bool send_text(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}
/// Reads until the end of a request's head, or of the connection.
inline std::string read_head(int fd) {
  std::string text;
  char c = 0;
  while (text.find("\r\n\r\n") == text.npos && ::recv(fd, &c, 1, 0) == 1) text += c;
  return text;
}
/// Waits until the peer closes.
inline void await_end(int fd) {
  char c = 0;
  while (::recv(fd, &c, 1, 0) > 0) continue;
}

class ScriptedServer {
 public:
  explicit ScriptedServer(std::function<void(int)> script) : script_(std::move(script)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof name;
    (void)::bind(listener_, reinterpret_cast<sockaddr*>(&name), size);
    (void)::listen(listener_, 256);
    (void)::getsockname(listener_, reinterpret_cast<sockaddr*>(&name), &size);
    port_ = ntohs(name.sin_port);
    thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
  }
  ~ScriptedServer() {
    thread_.request_stop();
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    for (auto& each : connections_) each.join();
    ::close(listener_);
  }
  std::string port() const { return std::to_string(port_); }
  std::string at(std::string_view scheme, std::string_view path = "") const {
    return std::string(scheme).append("://127.0.0.1:").append(port()).append(path);
  }

 private:
  void serve(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) continue;
      connections_.emplace_back([this, fd] {
        script_(fd);
        ::close(fd);
      });
    }
  }

  std::function<void(int)> script_;
  int listener_ = -1;
  unsigned port_ = 0;
  std::vector<std::jthread> connections_;
  std::jthread thread_;
};

}  // namespace vitalsd
