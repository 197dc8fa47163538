// Listening sockets, opened by raw system calls so that what goes wrong can be said clearly.
#pragma once

#include <sys/types.h>

#include <string>

#include "core/fd.h"
#include "exporters/http/address.h"

namespace vitalsd::http {

/// The file of a Unix socket: removed at the end, when it is still the one that was made.
class SocketFile {
 public:
  SocketFile() = default;
  explicit SocketFile(std::string path);
  SocketFile(SocketFile&& other) noexcept;
  SocketFile& operator=(SocketFile&& other) noexcept;
  ~SocketFile() { remove(); }
  void remove() noexcept;

 private:
  std::string path_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

struct ListenSocket {
  Fd fd;
  int family = 0;
  std::string name;  ///< the real address
  SocketFile file;
};

/// Opens, binds and listens; non-blocking, close-on-exec. Throws ListenError ("listen address :9955: Address already in
/// use"). A Unix socket's file that nobody answers on is replaced; one that is answered, or is no socket, is left
/// alone.
ListenSocket open_listener(const std::string& address);

/// What is known of a listening socket made by someone else. `fd` of the result is empty: the caller decides who owns
/// it.
ListenSocket inspect_inherited(int fd, const std::string& address);

}  // namespace vitalsd::http
