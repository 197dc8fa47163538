#include "exporters/http/wire.h"

#include <boost/asio/error.hpp>
#include <utility>

namespace vitalsd::http {
namespace asio = boost::asio;

bool Wire::must_wait(const ErrorCode& error) {
  return error == asio::error::would_block || error == asio::error::try_again;
}

Wire::Wire(asio::io_context& loop, Fd fd, int family, std::shared_ptr<const tls::Context> context)
    : socket_(loop), context_(std::move(context)) {
  socket_.assign(asio::generic::stream_protocol(family, 0), fd.get());
  fd.release();
  ErrorCode ignored;
  socket_.non_blocking(true, ignored);
}

bool Wire::has_input() const {
  ErrorCode failed;
  return has_pending() || socket_.available(failed) > 0;
}

std::size_t Wire::read_some(asio::mutable_buffer to, ErrorCode& error) {
  if (begins_handshake()) session_.emplace(context_, socket_.native_handle());
  if (session_) {
    std::size_t count = 0;
    const tls::Status status = session_->read(to.data(), to.size(), count);
    return result(status, count, error);
  }
  const std::size_t count = socket_.read_some(to, error);
  if (must_wait(error)) wait_for_ = Socket::wait_read;
  return count;
}

std::size_t Wire::write_some(const Buffers& from, ErrorCode& error) {
  if (begins_handshake()) {  // nothing was read yet, so there is no TLS session to write to
    error = asio::error::not_connected;
    return 0;
  }
  if (session_) {
    const auto& part = from[0].size() > 0 ? from[0] : from[1];
    std::size_t count = 0;
    const tls::Status status = session_->write(part.data(), part.size(), count);
    return result(status, count, error);
  }
  const std::size_t count = socket_.write_some(from, error);
  if (must_wait(error)) wait_for_ = Socket::wait_write;
  return count;
}

std::size_t Wire::result(tls::Status status, std::size_t count, ErrorCode& error) {
  error = {};
  switch (status) {
    case tls::Status::done: return count;
    case tls::Status::want_read:
    case tls::Status::want_write:
      wait_for_ = status == tls::Status::want_read ? Socket::wait_read : Socket::wait_write;
      error = asio::error::would_block;
      return 0;
    case tls::Status::ended: error = asio::error::eof; return 0;
    case tls::Status::plain_http: break;
    case tls::Status::failed: tls_error_ = session_->error(); break;
  }
  if (status == tls::Status::plain_http) {
    plain_ = true;
    session_.reset();
  }
  error = asio::error::connection_aborted;
  return 0;
}

void Wire::end_writing(ErrorCode& error) {
  if (session_) session_->end();
  socket_.shutdown(Socket::shutdown_send, error);
}

}  // namespace vitalsd::http
