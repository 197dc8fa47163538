// The stream of a connection: its socket, or TLS over it. Nothing here blocks.
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

  /// Takes ownership of the descriptor. Without a context the wire is plain.
  Wire(boost::asio::io_context& loop, Fd fd, int family, std::shared_ptr<const tls::Context> context);

  Socket& socket() noexcept { return socket_; }
  const Socket& socket() const noexcept { return socket_; }
  /// As the socket's own functions. If must_wait(error), wait until the socket is ready for wait_for() and call again.
  std::size_t read_some(boost::asio::mutable_buffer to, ErrorCode& error);
  std::size_t write_some(const Buffers& from, ErrorCode& error);
  static bool must_wait(const ErrorCode& error);
  /// What the socket must be ready for. TLS may have to write before it can read.
  Socket::wait_type wait_for() const noexcept { return wait_for_; }
  /// Whether decrypted bytes wait to be read, for which the socket does not become readable.
  bool has_pending() const { return session_ && session_->has_pending(); }
  /// Whether bytes wait to be read, here or in the kernel.
  bool has_input() const;
  /// Ends the outgoing direction; nothing may be written afterwards.
  void end_writing(ErrorCode& error);

  const tls::Context* tls() const noexcept { return context_.get(); }
  /// Whether the client sent plain HTTP to a TLS port. From then on the wire is plain.
  bool was_asked_in_plain() const noexcept { return plain_; }
  /// Whether the next read creates the TLS session. A client that sends nothing costs no session.
  bool begins_handshake() const noexcept { return context_ && !session_ && !plain_; }
  bool is_shaking() const { return session_ && !session_->is_established(); }
  /// Why TLS failed; empty if it did not.
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
