#include "exporters/http/listener.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "exporters/http/server.h"

namespace vitalsd::http {
namespace {

constexpr int kBacklog = 1024;  // the kernel caps it at net.core.somaxconn

[[noreturn]] void refuse(const std::string& address, int error) {
  throw ListenError("listen address " + address + ": " + std::generic_category().message(error));
}

void set_flag(int fd, int level, int option, int value) { ::setsockopt(fd, level, option, &value, sizeof value); }

SocketName local_name(int fd) {
  SocketName name;
  name.size = sizeof name.storage;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&name.storage), &name.size) != 0) name.size = 0;
  return name;
}

// Sets TCP_NODELAY, which accepted sockets inherit: responses are written whole, so delaying packets gains nothing.
Fd open_tcp(const SocketName& name, int& error) {
  Fd fd(::socket(name.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP));
  if (fd) {
    set_flag(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1);
    set_flag(fd.get(), IPPROTO_TCP, TCP_NODELAY, 1);
    if (name.family() == AF_INET6) set_flag(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, 0);
    if (::bind(fd.get(), name.get(), name.size) == 0 && ::listen(fd.get(), kBacklog) == 0) return fd;
  }
  error = errno;
  return Fd();
}

// True when no process listens on the socket file at `name`.
bool is_stale(const SocketName& name) {
  const Fd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  return probe && ::connect(probe.get(), name.get(), name.size) != 0 && errno == ECONNREFUSED;
}

bool is_socket(const std::string& path) {
  struct stat status;
  return ::lstat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode);
}

ListenSocket open_unix(const std::string& address, const std::string& path) {
  const SocketName name = unix_name(path);
  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) refuse(address, errno);
  // bind(2) makes the file with this mode less the umask; sockets have no use for the x bits. chmod(2) by path might
  // change another file. A sandbox may refuse fchmod(2); the x bits that stay do no harm.
  (void)::fchmod(fd.get(), 0666);
  int bound = ::bind(fd.get(), name.get(), name.size);
  if (bound != 0 && errno == EADDRINUSE) {
    if (!is_socket(path)) throw ListenError("listen address " + address + ": the file exists and is no socket");
    if (!is_stale(name)) refuse(address, EADDRINUSE);
    ::unlink(path.c_str());
    bound = ::bind(fd.get(), name.get(), name.size);
  }
  if (bound != 0) refuse(address, errno);
  SocketFile file(path);
  if (::listen(fd.get(), kBacklog) != 0) refuse(address, errno);
  return {std::move(fd), AF_UNIX, address, std::move(file)};
}

}  // namespace

SocketFile::SocketFile(std::string path) : path_(std::move(path)) {
  struct stat status;
  if (::lstat(path_.c_str(), &status) != 0) {
    path_.clear();
    return;
  }
  device_ = status.st_dev;
  inode_ = status.st_ino;
}

SocketFile::SocketFile(SocketFile&& other) noexcept
    : path_(std::exchange(other.path_, {})), device_(other.device_), inode_(other.inode_) {}

SocketFile& SocketFile::operator=(SocketFile&& other) noexcept {
  remove();
  path_ = std::exchange(other.path_, {});
  device_ = other.device_;
  inode_ = other.inode_;
  return *this;
}

void SocketFile::remove() noexcept {
  struct stat status;
  if (!path_.empty() && ::lstat(path_.c_str(), &status) == 0 && status.st_dev == device_ && status.st_ino == inode_) {
    ::unlink(path_.c_str());
  }
  path_.clear();
}

ListenSocket open_listener(const std::string& text) {
  const Address address = parse_address(text);
  if (address.is_unix()) return open_unix(text, address.path);
  int error = 0;
  for (const SocketName& name : resolve(address)) {
    Fd fd = open_tcp(name, error);
    if (fd) {
      std::string real = describe(local_name(fd.get()));
      return {std::move(fd), name.family(), std::move(real), {}};
    }
    // The next candidate is tried only if this machine lacks the family or the address.
    if (error != EAFNOSUPPORT && error != EADDRNOTAVAIL) break;
  }
  refuse(text, error);
}

ListenSocket inspect_inherited(int fd, const std::string& address) {
  int listening = 0;
  socklen_t size = sizeof listening;
  if (::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0) refuse(address, errno);
  if (listening == 0) throw ListenError("listen address " + address + ": the inherited socket does not listen");
  const SocketName name = local_name(fd);
  if (name.family() == AF_INET || name.family() == AF_INET6) set_flag(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
  ::fcntl(fd, F_SETFD, FD_CLOEXEC);
  return {Fd(), name.family(), describe(name), {}};
}

}  // namespace vitalsd::http
