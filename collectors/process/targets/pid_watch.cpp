#include "collectors/process/targets/pid_watch.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "collectors/kit/wake_set.h"

namespace vitalsd {

PidWatch::PidWatch() : epoll_(required_fd(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")) {}

Result<Fd> PidWatch::watch(std::int32_t pid, std::uint32_t key) {
  constexpr std::string_view kWhere = "pidfd_open";
  Fd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!pidfd) return fail(errno == EINVAL ? Errc::unavailable : classify_errno(errno), kWhere, errno);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u32 = key;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, pidfd.get(), &event) != 0) return fail(Errc::io, "epoll_ctl", errno);
  return pidfd;
}

void PidWatch::forget(Fd& pidfd) noexcept {
  // Closing alone would not suffice: a child between fork and exec still holds the same description.
  release(pidfd);
}

Fd PidWatch::release(Fd& pidfd) noexcept {
  if (pidfd) ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, pidfd.get(), nullptr);
  return std::move(pidfd);
}

bool PidWatch::next_ended(std::uint32_t& key) const noexcept {
  epoll_event event{};
  if (::epoll_wait(epoll_.get(), &event, 1, 0) != 1) return false;
  key = event.data.u32;
  return true;
}

bool PidWatch::has_ended(const Fd& pidfd) noexcept {
  pollfd poll{pidfd.get(), POLLIN, 0};
  return ::poll(&poll, 1, 0) == 1;
}

}  // namespace vitalsd
