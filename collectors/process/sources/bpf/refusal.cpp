#include "collectors/process/sources/bpf/refusal.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <fstream>
#include <sstream>
#include <system_error>

namespace vitalsd {
namespace {

constexpr int kOldestMajor = 5, kOldestMinor = 17;  // bpf_loop()
constexpr const char* kBtf = "/sys/kernel/btf/vmlinux";

std::string content_of(const char* path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::uint64_t effective_capabilities() {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> data{};
  if (::syscall(SYS_capget, &header, data.data()) != 0) return 0;
  return data[0].effective | std::uint64_t{data[1].effective} << 32U;
}

// The daemon's own filter is always active, so an unknown command shows whether a filter blocks bpf(2) itself.
bool is_filtered() {
  constexpr unsigned kNoCommand = ~0U;
  if (::prctl(PR_GET_SECCOMP) != SECCOMP_MODE_FILTER) return false;
  return ::syscall(SYS_bpf, kNoCommand, nullptr, 0U) != 0 && errno != EINVAL;
}

bool too_old(std::string_view release) {
  int major = 0, minor = 0;
  const char* begin = release.data();
  const char* end = begin + release.size();
  const auto dot = std::from_chars(begin, end, major).ptr;
  if (dot == end || *dot != '.' || std::from_chars(dot + 1, end, minor).ec != std::errc{}) return false;
  return major < kOldestMajor || (major == kOldestMajor && minor < kOldestMinor);
}

std::string explain_permission(const Refusal& refusal) {
  if (!refusal.cap_bpf || !refusal.cap_perfmon) {
    const char* both = refusal.cap_bpf       ? "CAP_PERFMON is"
                       : refusal.cap_perfmon ? "CAP_BPF is"
                                             : "CAP_BPF and CAP_PERFMON are";
    return std::string(both) +
           " missing: AmbientCapabilities=CAP_BPF CAP_PERFMON in a unit, `capabilities: {add: [BPF, PERFMON]}` in a "
           "pod, "
           "or `setcap cap_bpf,cap_perfmon+ep` on the program";
  }
  if (refusal.user_namespace) {
    return "CAP_BPF and CAP_PERFMON are held in a user namespace alone: BPF needs them on the host (hostUsers: true, "
           "or "
           "no userns mapping)";
  }
  if (refusal.lockdown) {
    return "the kernel is locked down (confidentiality), so that programs may not read it: lockdown=integrity allows "
           "it";
  }
  if (refusal.seccomp) {
    return "a seccomp filter refuses bpf(2): SystemCallFilter=bpf in a unit, a profile that allows it in a pod";
  }
  return "the kernel does not permit it, although CAP_BPF and CAP_PERFMON are there";
}

}  // namespace

Refusal Refusal::seen(int sys, std::string_view words) {
  constexpr auto bit = [](unsigned capability) { return std::uint64_t{1} << capability; };
  const std::uint64_t capabilities = effective_capabilities();
  utsname name{};
  ::uname(&name);
  return {.sys = sys,
          .words = std::string(words),
          .cap_bpf = (capabilities & (bit(CAP_BPF) | bit(CAP_SYS_ADMIN))) != 0,
          .cap_perfmon = (capabilities & (bit(CAP_PERFMON) | bit(CAP_SYS_ADMIN))) != 0,
          .user_namespace = content_of("/proc/self/uid_map").find(" 4294967295") == std::string::npos,
          .seccomp = is_filtered(),
          .lockdown = content_of("/sys/kernel/security/lockdown").find("[confidentiality]") != std::string::npos,
          .btf = ::access(kBtf, R_OK) == 0,
          .kernel = static_cast<const char*>(name.release)};
}

std::string explain(const Refusal& refusal) {
  // The verifier also returns EACCES, if it rejects the program.
  const bool held = refusal.cap_bpf && refusal.cap_perfmon;
  if (refusal.sys == EPERM || (refusal.sys == EACCES && !held)) return explain_permission(refusal);
  if (refusal.sys == ENOSYS) {
    return "there is no bpf(2): the kernel lacks CONFIG_BPF_SYSCALL, or a seccomp filter hides it";
  }
  if (too_old(refusal.kernel)) {
    return "Linux " + refusal.kernel + " is too old: " + std::to_string(kOldestMajor) + "." +
           std::to_string(kOldestMinor) + " or later is needed";
  }
  if (!refusal.btf) {
    return std::string("there is no ") + kBtf + ": the kernel lacks CONFIG_DEBUG_INFO_BTF, or /sys is not mounted here";
  }
  if (refusal.lockdown) return explain_permission(refusal);
  std::string why = "the kernel refuses the program: " + std::generic_category().message(refusal.sys);
  if (!refusal.words.empty()) why += " (" + refusal.words + ")";
  return why;
}

}  // namespace vitalsd
