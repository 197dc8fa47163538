// Opens listening sockets by plain system calls, so that each error can be reported precisely.
#pragma once

#include <sys/types.h>

#include <string>

#include "core/fd.h"
#include "exporters/http/address.h"

namespace vitalsd::http {

/// The file of a Unix socket. The destructor removes it if it is still the file that bind(2) made.
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
  std::string name;  ///< the address in use, with the actual port
  SocketFile file;
};

/// Opens, binds and listens; non-blocking and close-on-exec. Throws ListenError ("listen address :9955: Address already
/// in use"). Replaces a Unix socket's file that no process listens on; leaves any other file alone.
ListenSocket open_listener(const std::string& address);

/// Describes a listening socket that another process made. `fd` of the result is empty: the caller decides who owns the
/// descriptor.
ListenSocket inspect_inherited(int fd, const std::string& address);

}  // namespace vitalsd::http
