#include "collectors/kit/wake_set.h"

#include <cerrno>
#include <system_error>

namespace vitalsd {

Fd required_fd(int made, const char* call) {
  if (made < 0) throw std::system_error(errno, std::generic_category(), call);
  return Fd(made);
}

WakeSet::WakeSet(std::initializer_list<int> required)
    : epoll_(required_fd(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")) {
  for (const int fd : required) {
    if (const auto added = add(fd, "epoll_ctl"); !added)
      throw std::system_error(added.error().sys, std::generic_category(), "epoll_ctl");
  }
}

Result<void> WakeSet::add(int fd, std::string_view where, std::uint32_t events) noexcept {
  epoll_event event{.events = events, .data = {}};
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) return fail(Errc::io, where, errno);
  return {};
}

void WakeSet::remove(int fd) noexcept { ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr); }

}  // namespace vitalsd
