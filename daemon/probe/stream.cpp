#include "daemon/probe/stream.h"

#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <optional>
#include <system_error>
#include <utility>

#include "core/fd.h"

namespace vitalsd {
namespace asio = boost::asio;
namespace {

constexpr auto kQuietly = asio::as_tuple(asio::use_awaitable);
using Socket = asio::basic_stream_socket<asio::generic::stream_protocol, asio::io_context::executor_type>;

}  // namespace

struct Stream::Core {
  Core(asio::io_context& io, Time end) : loop(io), socket(io), timer(io), deadline(end) {}

  bool is_late() const { return std::chrono::steady_clock::now() >= deadline; }

  asio::io_context& loop;
  Socket socket;
  asio::steady_timer timer;  ///< cancels what the socket waits for
  std::optional<tls::Session> session;
  Time deadline;
};

Stream::Stream(asio::io_context& loop, Time deadline) : core_(std::make_shared<Core>(loop, deadline)) {}

Stream::Stream(asio::io_context& loop, Time deadline, int fd) : Stream(loop, deadline) {
  core_->socket.assign(asio::generic::stream_protocol(AF_UNIX, 0), fd);
  core_->socket.non_blocking(true);
}

Stream::~Stream() {
  boost::system::error_code ignored;
  if (core_->session) core_->session->end();
  core_->session.reset();
  core_->socket.close(ignored);
  core_->timer.cancel();
}

// The timer is set for each wait anew, so that a wait that ends just before it cannot be taken for the next one.
Stream::Step Stream::wait(bool to_write) {
  const auto core = core_;
  if (core->is_late()) co_return StreamStatus::late;
  core->timer.expires_at(core->deadline);
  core->timer.async_wait([weak = std::weak_ptr<Core>(core)](const boost::system::error_code& error) {
    const auto late = weak.lock();
    boost::system::error_code ignored;
    if (!error && late && late->is_late()) late->socket.cancel(ignored);
  });
  const auto what = to_write ? Socket::wait_write : Socket::wait_read;
  const auto [error] = co_await core->socket.async_wait(what, kQuietly);
  core->timer.cancel();
  if (core->is_late()) co_return StreamStatus::late;
  co_return error ? fail(error.value()) : StreamStatus::done;
}

StreamStatus Stream::fail(int error) {
  error_ = std::generic_category().message(error);
  return error == ECONNRESET || error == EPIPE ? StreamStatus::ended : StreamStatus::failed;
}

Stream::Step Stream::connect(http::SocketName name, Time until) {
  Fd fd(::socket(name.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) co_return fail(errno);
  const bool pending = ::connect(fd.get(), name.get(), name.size) != 0;
  if (pending && errno != EINPROGRESS) {
    error_ = std::generic_category().message(errno);
    co_return StreamStatus::failed;
  }
  boost::system::error_code ignored;
  if (core_->socket.is_open()) core_->socket.close(ignored);
  core_->socket.assign(asio::generic::stream_protocol(name.family(), 0), fd.get(), ignored);
  if (ignored) co_return fail(ignored.value());
  (void)fd.release();
  core_->socket.non_blocking(true, ignored);
  if (!pending) co_return StreamStatus::done;
  const Time whole = std::exchange(core_->deadline, std::min(until, core_->deadline));
  const StreamStatus waited = co_await wait(true);
  core_->deadline = whole;
  if (waited != StreamStatus::done) co_return waited;
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(core_->socket.native_handle(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error == 0) co_return StreamStatus::done;
  error_ = std::generic_category().message(error);
  co_return StreamStatus::failed;
}

// Waits for what TLS needs; `again`: the call is to be repeated.
Stream::Step Stream::settle(tls::Status status, bool& again) {
  again = false;
  switch (status) {
    case tls::Status::done: co_return StreamStatus::done;
    case tls::Status::ended: error_ = "the connection was closed"; co_return StreamStatus::ended;
    case tls::Status::plain_http:
    case tls::Status::failed: error_ = core_->session->error(); co_return StreamStatus::failed;
    case tls::Status::want_read:
    case tls::Status::want_write: break;
  }
  const StreamStatus waited = co_await wait(status == tls::Status::want_write);
  again = waited == StreamStatus::done;
  co_return waited;
}

Stream::Step Stream::secure(std::shared_ptr<const tls::Context> context, std::string host) {
  core_->session.emplace(std::move(context), core_->socket.native_handle(), host);
  for (;;) {
    bool again = false;
    const StreamStatus status = co_await settle(core_->session->shake(), again);
    if (!again) co_return status;
  }
}

Stream::Step Stream::write(std::string_view text) {
  while (!text.empty()) {
    std::size_t sent = 0;
    if (core_->session) {
      bool again = false;
      const StreamStatus status = co_await settle(core_->session->write(text.data(), text.size(), sent), again);
      if (status != StreamStatus::done) co_return status;
      if (!again) text.remove_prefix(sent);
      continue;
    }
    boost::system::error_code error;
    sent = core_->socket.write_some(asio::buffer(text), error);
    if (!error) {
      text.remove_prefix(sent);
    } else if (error == asio::error::would_block || error == asio::error::try_again) {
      const StreamStatus status = co_await wait(true);
      if (status != StreamStatus::done) co_return status;
    } else {
      co_return fail(error.value());
    }
  }
  co_return StreamStatus::done;
}

Stream::Step Stream::read_some(char* to, std::size_t size, std::size_t& got) {
  got = 0;
  if (core_->session && core_->session->has_pending()) {
    if (core_->is_late()) co_return StreamStatus::late;
    co_await asio::post(core_->loop, asio::use_awaitable);
  } else {
    const StreamStatus status = co_await wait(false);
    if (status != StreamStatus::done) co_return status;
  }
  while (core_->session) {
    bool again = false;
    const StreamStatus status = co_await settle(core_->session->read(to, size, got), again);
    if (!again) co_return status;
  }
  for (;;) {
    boost::system::error_code error;
    got = core_->socket.read_some(asio::buffer(to, size), error);
    if (!error) co_return StreamStatus::done;
    if (error == asio::error::eof) {
      error_ = "the connection was closed";
      co_return StreamStatus::ended;
    }
    if (error != asio::error::would_block && error != asio::error::try_again) co_return fail(error.value());
    const StreamStatus status = co_await wait(false);
    if (status != StreamStatus::done) co_return status;
  }
}

bool Stream::is_secure() const noexcept { return core_->session.has_value(); }

tls::PeerFacts Stream::peer() const { return core_->session ? core_->session->peer() : tls::PeerFacts{}; }

}  // namespace vitalsd
