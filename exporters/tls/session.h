// TLS over one connected non-blocking socket. The first read or write makes the handshake.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "exporters/tls/context.h"

struct ssl_st;

namespace vitalsd::tls {

enum class Status : unsigned char {
  done,
  want_read,   ///< call again once the socket is readable
  want_write,  ///< call again once the socket is writable
  ended,       ///< the peer closed the connection
  plain_http,  ///< the peer speaks HTTP without TLS; an answer can be sent on the plain socket
  failed,      ///< error() says why
};

/// What is known of the other end after a handshake.
struct PeerFacts {
  std::string version;                             ///< "TLSv1.3"; empty: no handshake was made
  std::optional<std::chrono::sys_seconds> expiry;  ///< of the certificate in its chain that expires first
};

class Session {
 public:
  /// A server's session. `fd` must outlive it.
  Session(std::shared_ptr<const Context> context, int fd);
  /// A client's session, which accepts only a certificate for `host`.
  Session(std::shared_ptr<const Context> context, int fd, const std::string& host);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Transfers at most `size` bytes. When the result is Status::done, `count` is the number of bytes.
  Status read(void* to, std::size_t size, std::size_t& count);
  Status write(const void* from, std::size_t size, std::size_t& count);
  /// Makes the handshake alone.
  Status shake();
  PeerFacts peer() const;
  /// Whether the handshake is done.
  bool is_established() const;
  /// Whether decrypted bytes wait to be read, for which the socket does not become readable.
  bool has_pending() const;
  /// Sends the peer the end of the data (close_notify); does not wait.
  void end();

  const std::shared_ptr<const Context>& context() const noexcept { return context_; }
  /// Why it failed, in a few words: "certificate verify failed: certificate has expired".
  const std::string& error() const noexcept { return error_; }

 private:
  Status status_of(int result);
  std::shared_ptr<const Context> context_;
  ssl_st* ssl_;
  bool broken_ = false;
  std::string error_;
};

}  // namespace vitalsd::tls
