// An outgoing connection, plain or TLS, whose every step ends at one deadline. Nothing here blocks.
//   Stream stream(loop, deadline); if (co_await stream.connect(name) != StreamStatus::done) say(stream.error());
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "exporters/http/address.h"
#include "exporters/tls/session.h"

namespace vitalsd {

enum class StreamStatus : unsigned char {
  done,
  ended,   ///< the peer closed the connection, or reset it
  late,    ///< the deadline passed
  failed,  ///< error() says why
};

class Stream {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Step = boost::asio::awaitable<StreamStatus>;

  Stream(boost::asio::io_context& loop, Time deadline);
  /// Takes ownership of a connected Unix socket.
  Stream(boost::asio::io_context& loop, Time deadline, int fd);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  /// Connects to one address, at most until `until`. After a failure another address can be tried.
  Step connect(http::SocketName name, Time until);
  /// Makes the TLS handshake; the certificate must be for `host`.
  Step secure(std::shared_ptr<const tls::Context> context, std::string host);
  /// Writes all of `text`, which must live until then.
  Step write(std::string_view text);
  /// Waits for input and reads it once. Every call lets the loop do something else in between.
  Step read_some(char* to, std::size_t size, std::size_t& got);

  bool is_secure() const noexcept;
  tls::PeerFacts peer() const;
  /// Why the last step failed, in a few words.
  const std::string& error() const noexcept { return error_; }

 private:
  struct Core;
  Step wait(bool to_write);
  Step settle(tls::Status status, bool& again);
  StreamStatus fail(int error);

  std::shared_ptr<Core> core_;  ///< the timer's handler may outlive the stream
  std::string error_;
};

}  // namespace vitalsd
