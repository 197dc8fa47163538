#include "exporters/http/address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <memory>

#include "exporters/http/server.h"

namespace vitalsd::http {
namespace {

constexpr std::size_t kMaxHost = 253;  // the longest DNS name, RFC 1035
constexpr std::size_t kMaxPath = sizeof(sockaddr_un::sun_path) - 1;

[[noreturn]] void refuse(std::string_view text, std::string_view why) {
  std::string message = "listen address ";
  message += text.substr(0, 300);
  message += ": ";
  message += why;
  throw ListenError(message);
}

bool is_port(std::string_view text) {
  unsigned port = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), port);
  return !text.empty() && text.size() <= 5 && ec == std::errc{} && end == text.data() + text.size() && port <= 65535;
}

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

bool is_v6(const std::string& text) {
  in6_addr parsed;
  const std::string number = text.substr(0, text.find('%'));  // fe80::1%eth0
  return ::inet_pton(AF_INET6, number.c_str(), &parsed) == 1;
}

SocketName copy_name(const sockaddr* name, socklen_t size) {
  SocketName copy;
  copy.size = std::min(size, static_cast<socklen_t>(sizeof copy.storage));
  std::memcpy(&copy.storage, name, copy.size);
  return copy;
}

SocketName any_v6(unsigned port) {
  sockaddr_in6 name{};
  name.sin6_family = AF_INET6;
  name.sin6_port = htons(static_cast<std::uint16_t>(port));
  return copy_name(reinterpret_cast<const sockaddr*>(&name), sizeof name);
}

SocketName any_v4(unsigned port) {
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(static_cast<std::uint16_t>(port));
  return copy_name(reinterpret_cast<const sockaddr*>(&name), sizeof name);
}

}  // namespace

Address parse_address(std::string_view text) {
  if (text.find('\0') != text.npos) refuse(text.substr(0, text.find('\0')), "has a NUL byte in it");
  Address address;
  if (text.starts_with("unix:")) {
    address.path = text.substr(5);
    if (!address.path.starts_with('/')) refuse(text, "the path of a Unix socket starts with /");
    if (address.path.size() > kMaxPath) refuse(text, "the path of a Unix socket has at most 107 bytes");
    return address;
  }
  const auto colon = text.rfind(':');
  if (colon == text.npos) refuse(text, "want host:port, [v6]:port, :port or unix:/path");
  address.port = text.substr(colon + 1);
  if (!is_port(address.port)) refuse(text, "the port is a number from 0 to 65535");
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) {
    address.host = host.substr(1, host.size() - 2);
    if (!is_v6(address.host)) refuse(text, "no IPv6 address in the brackets");
    return address;
  }
  if (host.find(':') != host.npos) refuse(text, "an IPv6 address is written in brackets: [::1]:9955");
  if (host.size() > kMaxHost || !std::ranges::all_of(host, is_host_character)) refuse(text, "not a host name");
  address.host = host;
  return address;
}

void check_address(std::string_view address) { parse_address(address); }

SocketName unix_name(const std::string& path) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::memcpy(name.sun_path, path.data(), std::min(path.size(), kMaxPath));
  return copy_name(reinterpret_cast<const sockaddr*>(&name), sizeof name);
}

std::vector<SocketName> resolve(const Address& address) {
  if (address.is_unix()) return {unix_name(address.path)};
  if (address.host.empty()) {
    const auto port = static_cast<unsigned>(std::stoul(address.port));
    return {any_v6(port), any_v4(port)};
  }
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV | AI_NUMERICHOST;
  addrinfo* found = nullptr;
  int error = ::getaddrinfo(address.host.c_str(), address.port.c_str(), &hints, &found);
  if (error == EAI_NONAME) {
    hints.ai_flags &= ~AI_NUMERICHOST;
    error = ::getaddrinfo(address.host.c_str(), address.port.c_str(), &hints, &found);
  }
  if (error != 0) refuse(address.host + ":" + address.port, ::gai_strerror(error));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
  std::vector<SocketName> names;
  for (const addrinfo* info = found; info != nullptr; info = info->ai_next) {
    names.push_back(copy_name(info->ai_addr, info->ai_addrlen));
  }
  std::ranges::stable_sort(names, {}, [](const SocketName& name) { return name.family() == AF_INET ? 0 : 1; });
  return names;
}

std::string describe(const SocketName& name) {
  if (name.family() == AF_UNIX) {
    const auto* local = reinterpret_cast<const sockaddr_un*>(&name.storage);
    const std::size_t offset = offsetof(sockaddr_un, sun_path);
    const std::size_t room = name.size > offset ? name.size - offset : 0;
    return "unix:" + std::string(local->sun_path, ::strnlen(local->sun_path, room));
  }
  char host[NI_MAXHOST] = "";
  char port[NI_MAXSERV] = "";
  if (::getnameinfo(name.get(), name.size, host, sizeof host, port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) !=
      0) {
    return "unknown address";
  }
  const bool v6 = name.family() == AF_INET6;
  return (v6 ? "[" : "") + std::string(host) + (v6 ? "]:" : ":") + port;
}

}  // namespace vitalsd::http
