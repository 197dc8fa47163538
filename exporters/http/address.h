// Parses listen addresses, as `--web.listen-address` takes them, and resolves them.
//   parse_address("unix:/run/vitalsd.sock").path; resolve(parse_address(":9955")) is [::] and then 0.0.0.0
#pragma once

#include <sys/socket.h>

#include <string>
#include <string_view>
#include <vector>

namespace vitalsd::http {

struct Address {
  std::string host;  ///< without brackets; empty: every interface
  std::string port;  ///< digits, 0 to 65535
  std::string path;  ///< absolute, of a Unix socket; empty for others
  bool is_unix() const noexcept { return !path.empty(); }
};

/// Throws ListenError unless `text` is host:port, [v6]:port, :port or unix:/path. Does not resolve names.
Address parse_address(std::string_view text);

/// A sockaddr of any family.
struct SocketName {
  sockaddr_storage storage{};
  socklen_t size = 0;
  const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&storage); }
  int family() const noexcept { return storage.ss_family; }
};

/// The candidates in the order to try. A numeric address is the only one; a name's IPv4 addresses come first; without
/// a host, [::] and then 0.0.0.0. Throws ListenError with the resolver's message.
std::vector<SocketName> resolve(const Address& address);
SocketName unix_name(const std::string& path);

/// "127.0.0.1:40123", "[::]:9955", "unix:/run/x".
std::string describe(const SocketName& name);

}  // namespace vitalsd::http
