#include "daemon/sandbox/capabilities.h"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>

#include "daemon/sandbox/sandbox_step.h"

namespace vitalsd::capabilities {
namespace {

constexpr unsigned kMost = 64;

// Indexed by the capability's number (capabilities(7)).
constexpr std::array<std::string_view, 41> kNames = {"CHOWN",
                                                     "DAC_OVERRIDE",
                                                     "DAC_READ_SEARCH",
                                                     "FOWNER",
                                                     "FSETID",
                                                     "KILL",
                                                     "SETGID",
                                                     "SETUID",
                                                     "SETPCAP",
                                                     "LINUX_IMMUTABLE",
                                                     "NET_BIND_SERVICE",
                                                     "NET_BROADCAST",
                                                     "NET_ADMIN",
                                                     "NET_RAW",
                                                     "IPC_LOCK",
                                                     "IPC_OWNER",
                                                     "SYS_MODULE",
                                                     "SYS_RAWIO",
                                                     "SYS_CHROOT",
                                                     "SYS_PTRACE",
                                                     "SYS_PACCT",
                                                     "SYS_ADMIN",
                                                     "SYS_BOOT",
                                                     "SYS_NICE",
                                                     "SYS_RESOURCE",
                                                     "SYS_TIME",
                                                     "SYS_TTY_CONFIG",
                                                     "MKNOD",
                                                     "LEASE",
                                                     "AUDIT_WRITE",
                                                     "AUDIT_CONTROL",
                                                     "SETFCAP",
                                                     "MAC_OVERRIDE",
                                                     "MAC_ADMIN",
                                                     "SYSLOG",
                                                     "WAKE_ALARM",
                                                     "BLOCK_SUSPEND",
                                                     "AUDIT_READ",
                                                     "PERFMON",
                                                     "BPF",
                                                     "CHECKPOINT_RESTORE"};
static_assert(kNames[CAP_BPF] == "BPF" && kNames[CAP_SYS_PTRACE] == "SYS_PTRACE" && kNames[CAP_SYSLOG] == "SYSLOG");

bool put(const Held& held) {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> data{};
  for (std::size_t i = 0; i < data.size(); ++i) {
    const auto word = [i](Capabilities set) { return static_cast<std::uint32_t>(i == 0 ? set : set >> 32U); };
    data[i] = {word(held.effective), word(held.permitted), word(held.inheritable)};
  }
  return ::syscall(SYS_capset, &header, data.data()) == 0;
}

// The kernel answers EINVAL for the first number that it does not know.
void drop_bounding(Capabilities wanted) {
  for (unsigned number = 0; number < kMost; ++number) {
    const int bound = ::prctl(PR_CAPBSET_READ, number);
    if (bound < 0) return;
    if (bound > 0 && (wanted & capability(number)) == 0) (void)::prctl(PR_CAPBSET_DROP, number);
  }
}

}  // namespace

std::optional<Held> held() {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> data{};
  if (::syscall(SYS_capget, &header, data.data()) != 0) return std::nullopt;
  const auto whole = [](std::uint32_t low, std::uint32_t high) { return low | Capabilities{high} << 32U; };
  return Held{whole(data[0].effective, data[1].effective), whole(data[0].permitted, data[1].permitted),
              whole(data[0].inheritable, data[1].inheritable)};
}

bool set_effective(const Held& held, Capabilities effective) {
  return put({effective & held.permitted, held.permitted, held.inheritable});
}

std::string keep(Capabilities wanted) {
  const auto now = held();
  if (!now) return describe_step_error(errno);
  if ((now->permitted & capability(CAP_SETPCAP)) != 0 && set_effective(*now, now->permitted)) drop_bounding(wanted);
  // The kernel drops from the ambient set what is dropped from the inheritable one. Without anything to give up,
  // capset(2) is not called, because a unit's filter may forbid it.
  const Held less{now->effective & wanted, now->permitted & wanted, now->inheritable & wanted};
  const bool done = less == *held() || put(less);
  return done ? std::string(kStepOn) : describe_step_error(errno);
}

std::string names_of(Capabilities set) {
  std::string names;
  for (unsigned number = 0; number < kMost; ++number) {
    if ((set & capability(number)) == 0) continue;
    names.append(names.empty() ? "" : " ").append("CAP_");
    names += number < kNames.size() ? std::string(kNames[number]) : std::to_string(number);
  }
  return names;
}

}  // namespace vitalsd::capabilities
