#include "core/netlink.h"

#include <sys/socket.h>
#include <sys/time.h>

#include <cerrno>
#include <mutex>
#include <string>
#include <vector>

#include "core/fd.h"

namespace vitalsd {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::string_view kWhere = "netlink";
constexpr std::size_t kDatagram = 64U << 10U;    // the kernel fills at most half of it
constexpr std::size_t kMostBytes = 512U << 20U;  // limit of an answer that is passed on as it arrives
constexpr std::size_t kMostWhole = 32U << 20U;   // limit of an answer that is kept: some 20,000 devices
constexpr std::size_t kMostKept = 4;             // how many answers are kept for a protocol
constexpr auto kPatience = std::chrono::seconds(1);
constexpr int kAttempts = 4;

// Copies messages as they arrive, so that they can be passed on once the answer is complete.
class Recorder final : public NetlinkTaker {
 public:
  explicit Recorder(std::string& out) : out_(out) {}
  void begin() override { out_.clear(); }
  Result<void> take(const NetlinkMessage& message) override {
    if (out_.size() + message.body.size() > kMostWhole) return fail(Errc::too_large, kWhere);
    const nlmsghdr head{.nlmsg_len = static_cast<std::uint32_t>(NLMSG_HDRLEN + message.body.size()),
                        .nlmsg_type = message.type,
                        .nlmsg_flags = 0,
                        .nlmsg_seq = 0,
                        .nlmsg_pid = 0};
    out_.append(reinterpret_cast<const char*>(&head), sizeof head);
    out_.append(message.body.data(), message.body.size());
    out_.append(netlink_aligned(message.body.size()) - message.body.size(), '\0');
    return {};
  }

 private:
  std::string& out_;
};

// The exchanges of one protocol, one at a time.
class Channel {
 public:
  explicit Channel(int protocol) : protocol_(protocol) {}
  int protocol() const noexcept { return protocol_; }

  Result<void> converse(NetlinkRequest& request, std::optional<std::chrono::nanoseconds> age, NetlinkTaker& taker) {
    const std::unique_lock lock(mutex_, kPatience);
    if (!lock.owns_lock()) return fail(Errc::timed_out, kWhere);
    if (!age) return ask(request, taker);
    Answer& answer = answer_to(request);
    if (!answer.when || Clock::now() - *answer.when > *age) {
      answer.when.reset();
      const auto now = Clock::now();
      Recorder recorder(answer.messages);
      if (const auto asked = ask(request, recorder); !asked) return asked;
      answer.when = now;
    }
    taker.begin();
    NetlinkProgress progress;
    return read_datagram(answer.messages, progress, taker);
  }

 private:
  struct Answer {
    std::uint16_t type = 0;
    std::string body;
    std::optional<Clock::time_point> when = {};
    std::string messages = {};
  };

  Answer& answer_to(const NetlinkRequest& request) {
    const Bytes body = request.body();
    const std::string_view asked(body.data(), body.size());
    for (Answer& answer : answers_) {
      if (answer.type == request.type() && answer.body == asked) return answer;
    }
    if (answers_.size() >= kMostKept) answers_.erase(answers_.begin());
    return answers_.emplace_back(Answer{.type = request.type(), .body = std::string(asked)});
  }

  // Repeats the request until the answer is complete. A socket that was left within an answer is closed.
  Result<void> ask(NetlinkRequest& request, NetlinkTaker& taker) {
    for (int attempt = 1;; ++attempt) {
      NetlinkProgress progress{.dump = request.is_dump()};
      taker.begin();
      const auto asked = ask_once(request, progress, taker);
      if (!progress.done) socket_.reset();
      const bool lost = !asked && (asked.error().sys == ENOBUFS || asked.error().sys == EINTR);
      if (asked && !progress.interrupted) return {};
      if (!asked && !lost) return asked;
      if (attempt == kAttempts) return fail(Errc::io, kWhere, lost ? asked.error().sys : EINTR);
    }
  }

  Result<void> ask_once(NetlinkRequest& request, NetlinkProgress& progress, NetlinkTaker& taker) {
    if (const auto opened = open(); !opened) return opened;
    progress.sequence = ++sequence_ == 0 ? ++sequence_ : sequence_;
    const Bytes message = request.numbered(progress.sequence);
    ssize_t sent = -1;
    do sent = ::send(socket_.get(), message.data(), message.size(), 0);
    while (sent < 0 && errno == EINTR);
    if (sent < 0) return fail(classify_errno(errno), kWhere, errno);
    for (std::size_t total = 0; !progress.done;) {
      const auto datagram = receive();
      if (!datagram) return fail(datagram.error());
      total += datagram->size();
      if (total > kMostBytes) return fail(Errc::too_large, kWhere);
      if (const auto read = read_datagram(*datagram, progress, taker); !read) return read;
    }
    return {};
  }

  Result<void> open() {
    if (socket_) return {};
    socket_.reset(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol_));
    if (!socket_) {
      const int error = errno;
      const bool unknown = error == EPROTONOSUPPORT || error == EAFNOSUPPORT;
      return fail(unknown ? Errc::unavailable : classify_errno(error), kWhere, error);
    }
    const timeval patience{.tv_sec = kPatience.count(), .tv_usec = 0};
    (void)::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    buffer_.resize(kDatagram);
    return {};
  }

  Result<Bytes> receive() {
    for (;;) {
      sockaddr_nl from{};
      iovec into{.iov_base = buffer_.data(), .iov_len = buffer_.size()};
      msghdr message{};
      message.msg_name = &from;
      message.msg_namelen = sizeof from;
      message.msg_iov = &into;
      message.msg_iovlen = 1;
      const ssize_t got = ::recvmsg(socket_.get(), &message, 0);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0 && errno == EAGAIN) return fail(Errc::timed_out, kWhere);
      if (got < 0) return fail(classify_errno(errno), kWhere, errno);
      if (from.nl_pid != 0) continue;  // only the kernel is trusted
      if ((message.msg_flags & MSG_TRUNC) != 0) return fail(Errc::too_large, kWhere);
      return Bytes(buffer_.data(), static_cast<std::size_t>(got));
    }
  }

  int protocol_;
  std::timed_mutex mutex_;
  Fd socket_;
  std::uint32_t sequence_ = 0;
  std::vector<char> buffer_;
  std::vector<Answer> answers_;
};

class KernelNetlink final : public NetlinkSource {
  Result<void> converse(NetlinkRequest& request, std::optional<std::chrono::nanoseconds> age,
                        NetlinkTaker& taker) override {
    for (Channel* channel : {&route_, &diag_, &generic_}) {
      if (channel->protocol() == request.protocol()) return channel->converse(request, age, taker);
    }
    return fail(Errc::unavailable, kWhere, EPROTONOSUPPORT);
  }

  Channel route_{NETLINK_ROUTE}, diag_{NETLINK_SOCK_DIAG}, generic_{NETLINK_GENERIC};
};

}  // namespace

std::shared_ptr<NetlinkSource> open_netlink() { return std::make_shared<KernelNetlink>(); }

}  // namespace vitalsd
