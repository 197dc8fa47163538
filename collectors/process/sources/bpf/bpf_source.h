// The source of process samples that the kernel itself fills: a program run over all tasks (an iterator, bpf_iter).
//   std::string why; auto source = open_bpf_source(Units::of_this_machine(), why); if (!source) use_procfs(why);
#pragma once

#include <memory>
#include <string>

#include "collectors/process/sources/process_source.h"
#include "core/result.h"
#include "core/units.h"

namespace vitalsd {

/// Loads the program, which takes about a tenth of a second and, meanwhile, 12 MB: the kernel's types are read. Needs
/// CAP_BPF and CAP_PERFMON, no other, and Linux 5.17 or later with BTF (tried: 6.1, 6.12, 6.18, 7.3); scan() needs no
/// privilege any more. When it cannot be had, `why` tells it and the remedy in one line; the error is denied for lack
/// of permission, else unavailable. From then on libbpf prints nothing in this program.
///
/// What scan() tells is what procfs would, but for:
///  - user and system time: their sum is exact; how it is divided is guessed by the kernel, and by us after the same
///    rule, so that after reads by others the two may differ by what that rule holds back;
///  - a thread on a CPU counts up to that CPU's last tick or switch;
///  - switches and run delay are those of all threads, where status and schedstat tell those of the first. What one
///    waited between the last round and its end is lost;
///  - resident and swapped bytes are exact since Linux 6.2, where stat (and before 6.17 status) may lag by up to
///    max(32, 2 * CPUs) pages a CPU. Before, they are those of status;
///  - descriptors are absent for tables of more than 4 million, and for a process that lives on without its first
///    thread; memory is absent then, too, and on machines of more than 2048 CPUs;
///  - names of workers are whole, where procfs before Linux 6.11 cuts them at 15 bytes;
///  - what others do to a process of one thread that sleeps (take its memory, change its limit) is seen within 16
///  scans;
///  - hidepid= of a mounted procfs hides nothing.
Result<std::unique_ptr<ProcessSource>> open_bpf_source(const Units& units, std::string& why);
/// Whether this build has it at all.
bool has_bpf_source() noexcept;

}  // namespace vitalsd
