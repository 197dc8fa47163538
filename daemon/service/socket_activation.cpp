#include "daemon/service/socket_activation.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "core/scan.h"

namespace vitalsd {
namespace {

constexpr int kFirst = 3;  // SD_LISTEN_FDS_START
constexpr int kLimit = 64;

int number_of(const std::map<std::string, std::string, std::less<>>& environment, const char* name) {
  const auto found = environment.find(name);
  if (found == environment.end()) return -1;
  return parse_number<int>(found->second, name).value_or(-1);
}

}  // namespace

std::vector<int> inherited_sockets(const std::map<std::string, std::string, std::less<>>& environment) {
  std::vector<int> sockets;
  if (number_of(environment, "LISTEN_PID") != ::getpid()) return sockets;
  const int count = std::min(number_of(environment, "LISTEN_FDS"), kLimit);
  for (int fd = kFirst; fd < kFirst + count; ++fd) {
    if (::fcntl(fd, F_SETFD, FD_CLOEXEC) == 0) sockets.push_back(fd);
  }
  return sockets;
}

}  // namespace vitalsd
