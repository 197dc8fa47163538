// Why the kernel refuses a BPF program, in one line for people that names the remedy.
//   why = explain(Refusal::seen(errno, libbpfs_last_words));
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace vitalsd {

/// What is known when a program was refused.
struct Refusal {
  int sys = 0;           ///< errno
  std::string words;     ///< what the loader said last; may be empty
  bool cap_bpf = false;  ///< effective, CAP_SYS_ADMIN counting as both
  bool cap_perfmon = false;
  bool user_namespace = false;  ///< capabilities count in one only, not on the host
  bool seccomp = false;         ///< a filter stops bpf(2)
  bool lockdown = false;        ///< "confidentiality": programs may not read the kernel
  bool btf = true;              ///< /sys/kernel/btf/vmlinux is there
  std::string kernel;           ///< the release, as of uname(2)

  /// Looks at this process and this machine.
  static Refusal seen(int sys, std::string_view words);
};

std::string explain(const Refusal& refusal);

}  // namespace vitalsd
