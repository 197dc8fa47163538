#include "collectors/process/sources/exit_status.h"

#include <sys/ioctl.h>
#include <sys/wait.h>

#include <cstring>

namespace vitalsd {
namespace {

// struct pidfd_info of Linux 6.15, declared here because the headers of Debian 12 lack it.
struct PidfdInfo {
  std::uint64_t mask = 0;
  std::uint64_t cgroup_id = 0;
  std::uint32_t pid = 0, tgid = 0, ppid = 0;
  std::uint32_t ruid = 0, rgid = 0, euid = 0, egid = 0, suid = 0, sgid = 0, fsuid = 0, fsgid = 0;
  std::int32_t exit_code = 0;
};
static_assert(sizeof(PidfdInfo) == 64);

constexpr std::uint64_t kExit = 1U << 3U;  // PIDFD_INFO_EXIT
const unsigned long kGetInfo = _IOWR(0xFF, 11, PidfdInfo);

}  // namespace

std::optional<std::uint32_t> exit_status_of(const Fd& pidfd) noexcept {
  PidfdInfo info{.mask = kExit};
  if (!pidfd || ::ioctl(pidfd.get(), kGetInfo, &info) != 0 || (info.mask & kExit) == 0) return std::nullopt;
  return static_cast<std::uint32_t>(info.exit_code);
}

std::string_view exit_reason(std::uint32_t status, std::string& buffer) {
  const int wait_status = static_cast<int>(status);
  if (WIFSIGNALED(wait_status)) {
    const char* name = ::sigabbrev_np(WTERMSIG(wait_status));
    buffer.assign("SIG").append(name == nullptr ? std::to_string(WTERMSIG(wait_status)) : name);
  } else {
    buffer.assign("exit_").append(std::to_string(WEXITSTATUS(wait_status)));
  }
  return buffer;
}

}  // namespace vitalsd
