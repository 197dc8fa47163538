// Explains in one line why the kernel refuses a BPF program, and what remedies it.
//   why = explain(Refusal::seen(errno, libbpfs_last_words));
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace vitalsd {

/// What is known about a refused program.
struct Refusal {
  int sys = 0;           ///< errno
  std::string words;     ///< the loader's last message; may be empty
  bool cap_bpf = false;  ///< whether it is effective; CAP_SYS_ADMIN counts as both
  bool cap_perfmon = false;
  bool user_namespace = false;  ///< the capabilities apply to a user namespace, not to the host
  bool seccomp = false;         ///< a filter blocks bpf(2)
  bool lockdown = false;        ///< "confidentiality": programs may not read the kernel
  bool btf = true;              ///< whether /sys/kernel/btf/vmlinux exists
  std::string kernel;           ///< the release from uname(2)

  /// Collects the facts about this process and this machine.
  static Refusal seen(int sys, std::string_view words);
};

std::string explain(const Refusal& refusal);

}  // namespace vitalsd
