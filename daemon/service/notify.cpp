#include "daemon/service/notify.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

#include "core/scan.h"
#include "core/utf8.h"

namespace vitalsd {
namespace {

constexpr std::size_t kPendingLimit = 4096;  // bytes
constexpr std::size_t kStatusLimit = 500;    // bytes; `systemctl status` shows one line

std::string_view value_of(const Notify::Environment& environment, std::string_view name) {
  const auto found = environment.find(name);
  return found == environment.end() ? std::string_view() : std::string_view(found->second);
}

// As sd_watchdog_enabled(3): without WATCHDOG_PID any process of the service may send keep-alives.
std::optional<std::chrono::nanoseconds> watchdog_of(const Notify::Environment& environment) {
  const auto limit = parse_number<std::int64_t>(value_of(environment, "WATCHDOG_USEC"), "WATCHDOG_USEC");
  const std::string_view pid = value_of(environment, "WATCHDOG_PID");
  if (!limit || *limit < 2 || *limit > INT64_MAX / 1000) return std::nullopt;
  if (!pid.empty() && parse_number<std::int64_t>(pid, "WATCHDOG_PID").value_or(0) != ::getpid()) return std::nullopt;
  return std::chrono::microseconds(*limit / 2);
}

std::string microseconds(std::chrono::nanoseconds time) {
  return std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(time).count());
}

// Makes one line of valid UTF-8 from any text, since the manager drops everything else.
std::string line_of(std::string_view text) {
  std::string line;
  append_valid_utf8(line, text.substr(0, kStatusLimit),
                    [](std::string& out, char c) { out += static_cast<unsigned char>(c) < ' ' ? ' ' : c; });
  return line;
}

}  // namespace

Notify::Notify(const Environment& environment) {
  const std::string_view address = value_of(environment, "NOTIFY_SOCKET");
  const bool known = address.size() > 1 && (address.front() == '/' || address.front() == '@');
  if (!known || address.size() >= sizeof(sockaddr_un::sun_path)) return;
  address_ = address;
  if (address_.front() == '@') address_.front() = '\0';
  socket_.reset(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (socket_) watchdog_ = watchdog_of(environment);
}

void Notify::ready(std::string_view status) {
  status_ = line_of(status);
  send("READY=1\nSTATUS=" + status_, Keep::yes);
}

void Notify::reloading() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  send("RELOADING=1\nMONOTONIC_USEC=" + microseconds(now), Keep::yes);
}

void Notify::stopping() { send("STOPPING=1\nSTATUS=stopping", Keep::yes); }

void Notify::extend(std::chrono::nanoseconds longer) { send("EXTEND_TIMEOUT_USEC=" + microseconds(longer), Keep::yes); }

void Notify::watchdog() {
  if (watchdog_) send("WATCHDOG=1", Keep::no);
}

void Notify::status(std::string_view text) {
  std::string line = line_of(text);
  if (line != status_ && send("STATUS=" + line, Keep::no)) status_ = std::move(line);
}

bool Notify::send(std::string_view lines, Keep keep) {
  if (!socket_) return false;
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::memcpy(name.sun_path, address_.data(), address_.size());
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
  std::string message = pending_;
  message.append(lines).append("\n");
  const bool sent = ::sendto(socket_.get(), message.data(), message.size(), MSG_NOSIGNAL,
                             reinterpret_cast<const sockaddr*>(&name), size) >= 0;
  const bool full = !sent && (errno == EAGAIN || errno == ENOBUFS);
  if (!full) pending_.clear();
  if (full && keep == Keep::yes) {
    pending_ = std::move(message);
    if (pending_.size() > kPendingLimit) pending_.assign(lines).append("\n");  // only the latest state matters
  }
  return sent;
}

}  // namespace vitalsd
