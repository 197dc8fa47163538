// What a connection reads from and writes to: its socket, or TLS over it. Nothing here waits.
#pragma once

#include <array>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "core/fd.h"
#include "exporters/tls/session.h"

namespace vitalsd::http {

class Wire {
 public:
  using Socket =
      boost::asio::basic_stream_socket<boost::asio::generic::stream_protocol, boost::asio::io_context::executor_type>;
  using ErrorCode = boost::system::error_code;
  using Buffers = std::array<boost::asio::const_buffer, 2>;

  /// Takes the descriptor. Without a context it is plain.
  Wire(boost::asio::io_context& loop, Fd fd, int family, std::shared_ptr<const tls::Context> context);

  Socket& socket() noexcept { return socket_; }
  const Socket& socket() const noexcept { return socket_; }
  /// Both as the socket's own: when the error is one to wait for, wait_for() must come first.
  std::size_t read_some(boost::asio::mutable_buffer to, ErrorCode& error);
  std::size_t write_some(const Buffers& from, ErrorCode& error);
  static bool must_wait(const ErrorCode& error);
  /// What the socket must be ready for; TLS may have to write before it can read.
  Socket::wait_type wait_for() const noexcept { return wait_for_; }
  /// Bytes that the socket shows nothing of.
  bool has_pending() const { return session_ && session_->has_pending(); }
  /// Bytes that wait to be read, here or in the kernel.
  bool has_input() const;
  /// Nothing more will be written.
  void end_writing(ErrorCode& error);

  const tls::Context* tls() const noexcept { return context_.get(); }
  /// The client asked without TLS where there is TLS; from then on the wire is plain.
  bool was_asked_in_plain() const noexcept { return plain_; }
  /// The next read makes the TLS session: whoever connects and says nothing costs none.
  bool begins_handshake() const noexcept { return context_ && !session_ && !plain_; }
  bool is_shaking() const { return session_ && !session_->is_established(); }
  /// Why TLS failed; empty: it did not.
  const std::string& tls_error() const noexcept { return tls_error_; }

 private:
  std::size_t result(tls::Status status, std::size_t count, ErrorCode& error);
  Socket socket_;
  std::shared_ptr<const tls::Context> context_;
  std::optional<tls::Session> session_;
  std::string tls_error_;
  bool plain_ = false;
  Socket::wait_type wait_for_ = Socket::wait_read;
};

}  // namespace vitalsd::http
