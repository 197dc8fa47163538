// TLS over one connected socket that does not block. The handshake goes by itself with the first read or write.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "exporters/tls/context.h"

struct ssl_st;

namespace vitalsd::tls {

enum class Status : unsigned char {
  done,
  want_read,   ///< again once the socket can be read
  want_write,  ///< again once it can be written
  ended,       ///< by the peer
  plain_http,  ///< the peer speaks HTTP without TLS: the socket itself can answer it
  failed,      ///< error() says why
};

class Session {
 public:
  /// Of a server. `fd` must outlive it.
  Session(std::shared_ptr<const Context> context, int fd);
  /// Of a client, that asks for `host` and lets no other answer.
  Session(std::shared_ptr<const Context> context, int fd, const std::string& host);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// At most `size` bytes; `count` is how many when it is done.
  Status read(void* to, std::size_t size, std::size_t& count);
  Status write(const void* from, std::size_t size, std::size_t& count);
  /// The handshake is done.
  bool is_established() const;
  /// Bytes that were decrypted and not yet read: the socket shows nothing of them.
  bool has_pending() const;
  /// Sends the peer that no more comes (close_notify); waits for nothing.
  void end();

  const std::shared_ptr<const Context>& context() const noexcept { return context_; }
  /// Why it failed, a few words: "certificate verify failed: certificate has expired".
  const std::string& error() const noexcept { return error_; }

 private:
  Status status_of(int result);
  std::shared_ptr<const Context> context_;
  ssl_st* ssl_;
  bool broken_ = false;
  std::string error_;
};

}  // namespace vitalsd::tls
