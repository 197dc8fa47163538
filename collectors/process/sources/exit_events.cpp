#include "collectors/process/sources/exit_events.h"

#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/netlink.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

namespace vitalsd {
namespace {

constexpr int kReceiveBuffer = 4 << 20;  // bytes: some thousands of events
constexpr std::string_view kWhere = "process connector";
constexpr std::size_t kHeader = NLMSG_HDRLEN + sizeof(cn_msg);

// Since Linux 6.6 a listener may select events (struct proc_input, which older headers lack).
struct ProcInput {
  std::uint32_t operation;
  std::uint32_t events;
};

template <class Payload>
bool send(int fd, const Payload& payload) {
  std::array<char, kHeader + sizeof(Payload)> buffer{};
  nlmsghdr header{};
  header.nlmsg_len = buffer.size();
  header.nlmsg_type = NLMSG_DONE;
  cn_msg message{};
  message.id = {CN_IDX_PROC, CN_VAL_PROC};
  message.len = sizeof payload;
  std::memcpy(buffer.data(), &header, sizeof header);
  std::memcpy(buffer.data() + NLMSG_HDRLEN, &message, sizeof message);
  std::memcpy(buffer.data() + kHeader, &payload, sizeof payload);
  return ::send(fd, buffer.data(), buffer.size(), 0) == static_cast<ssize_t>(buffer.size());
}

bool parse_event(std::span<const char> message, proc_event& event) {
  if (message.size() < kHeader) return false;
  cn_msg head;
  std::memcpy(&head, message.data() + NLMSG_HDRLEN, sizeof head);
  if (head.id.idx != CN_IDX_PROC || head.id.val != CN_VAL_PROC) return false;
  event = {};
  std::memcpy(&event, message.data() + kHeader, std::min(message.size() - kHeader, sizeof event));
  return head.len <= message.size() - kHeader && head.len >= offsetof(proc_event, event_data);
}

ssize_t receive_one(int fd, std::span<char> buffer) {
  sockaddr_nl from{};
  socklen_t size = sizeof from;
  const ssize_t got =
      ::recvfrom(fd, buffer.data(), buffer.size(), MSG_DONTWAIT, reinterpret_cast<sockaddr*>(&from), &size);
  return got >= 0 && from.nl_pid != 0 ? 0 : got;  // only the kernel is trusted
}

}  // namespace

bool parse_exit_event(std::span<const char> message, ProcessExit& exit) {
  proc_event event;
  if (!parse_event(message, event) || event.what != proc_event::PROC_EVENT_EXIT) return false;
  const auto& ended = event.event_data.exit;
  exit = {ended.process_tgid, ended.parent_tgid, ended.exit_code};
  return ended.process_pid == ended.process_tgid &&
         message.size() >= kHeader + offsetof(proc_event, event_data) + sizeof ended;
}

ExitEvents::ExitEvents() { open(); }

void ExitEvents::renew(std::chrono::steady_clock::time_point now) {
  if (!lack_ || !retry_.due(now)) return;
  retry_.asked(now);
  open();
}

void ExitEvents::open() {
  lack_.reset();
  Fd socket(::socket(PF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_CONNECTOR));
  const auto subscribed = socket ? subscribe(socket.get()) : fail(Errc::io, kWhere, errno);
  if (!subscribed) {
    if (is_exhausted(subscribed.error().sys)) lack_ = Error{Errc::io, subscribed.error().sys, kWhere};
    return;
  }
  (void)wake_.add(socket.get(), kWhere);  // without it, rounds take what has come
  const std::lock_guard lock(mutex_);
  socket_ = std::move(socket);
}

Result<void> ExitEvents::subscribe(int socket) {
  const auto refused = [] { return fail(classify_errno(errno), kWhere, errno); };
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = CN_IDX_PROC;
  if (::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return refused();
  // Only CAP_NET_ADMIN permits more than the system's limit.
  if (::setsockopt(socket, SOL_SOCKET, SO_RCVBUFFORCE, &kReceiveBuffer, sizeof kReceiveBuffer) != 0) {
    (void)::setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &kReceiveBuffer, sizeof kReceiveBuffer);
  }
  // The old form subscribes to everything; the new one, which old kernels ignore, to exits only.
  const ProcInput exits{PROC_CN_MCAST_LISTEN, proc_event::PROC_EVENT_EXIT};
  if (!send(socket, exits.operation) || !send(socket, exits)) return refused();
  // The reply is there when send() returns. In a container none comes.
  std::array<char, 1024> buffer;
  for (;;) {
    const ssize_t got = receive_one(socket, buffer);
    if (got < 0 && errno != EAGAIN) return refused();  // a storm of events has overrun it
    if (got < 0) return fail(Errc::unavailable, kWhere);
    proc_event event;
    if (!parse_event({buffer.data(), static_cast<std::size_t>(got)}, event)) continue;
    if (event.what == proc_event::PROC_EVENT_NONE) {
      if (event.event_data.ack.err == 0) return {};
      return fail(Errc::denied, kWhere, static_cast<int>(event.event_data.ack.err));
    }
  }
}

void ExitEvents::receive() noexcept {
  std::array<char, 1024> buffer;
  const std::lock_guard lock(mutex_);
  while (true) {
    const ssize_t got = receive_one(socket_.get(), buffer);
    if (got < 0 && errno == ENOBUFS) {
      ++lost_;
      continue;
    }
    if (got < 0) return;
    ProcessExit exit;
    if (!parse_exit_event({buffer.data(), static_cast<std::size_t>(got)}, exit)) continue;
    if (queue_.size() == kQueueLimit) {
      ++lost_;
      continue;
    }
    try {
      queue_.push_back(exit);
    } catch (const std::bad_alloc&) {
      ++lost_;
    }
  }
}

std::span<const ProcessExit> ExitEvents::take(std::vector<ProcessExit>& out) {
  receive();
  out.clear();
  const std::lock_guard lock(mutex_);
  out.swap(queue_);
  return out;
}

std::uint64_t ExitEvents::lost() const {
  const std::lock_guard lock(mutex_);
  return lost_;
}

}  // namespace vitalsd
