// The source of process samples that the kernel fills: a BPF program that runs for each task (an iterator, bpf_iter).
//   std::string why; auto source = open_bpf_source(Units::of_this_machine(), why); if (!source) use_procfs(why);
#pragma once

#include <memory>
#include <string>

#include "collectors/process/sources/process_source.h"
#include "core/result.h"
#include "core/units.h"

namespace vitalsd {

/// Loads the program. This takes about a tenth of a second and for that time 12 MB, because it reads the kernel's BTF.
/// Needs CAP_BPF and CAP_PERFMON, no other, and Linux 5.17 or later with BTF (tested: 6.1, 6.12, 6.18, 7.3); scan()
/// then needs no privilege. On failure `why` is one line with the cause and the remedy. Errors: denied (no permission),
/// unavailable. From the call on libbpf prints nothing in this process.
///
/// scan() differs from procfs in these points:
///  - user and system time: their sum is exact. The kernel estimates the split, and we repeat its rule, so the two may
///    differ after others read procfs by what that rule holds back;
///  - a thread on a CPU counts up to that CPU's last tick or switch;
///  - switches and run delay include all threads, while status and schedstat count the first one only. What a thread
///    waited between the last round and its end is lost;
///  - resident and swapped bytes are exact since Linux 6.2, where stat (and before 6.17 status) may lag by up to
///    max(32, 2 * CPUs) pages a CPU. Before, they equal those of status;
///  - descriptors are absent for tables of more than 4 million, and for a process whose first thread has ended; memory
///    is absent then, too, and on machines with more than 2048 CPUs;
///  - names of workers are complete, where procfs before Linux 6.11 cuts them at 15 bytes;
///  - what others do to a sleeping process with one thread (reclaim memory, change its limit) is seen within 16 scans;
///  - hidepid= of a mounted procfs hides nothing.
Result<std::unique_ptr<ProcessSource>> open_bpf_source(const Units& units, std::string& why);
/// Whether this build includes the source.
bool has_bpf_source() noexcept;

}  // namespace vitalsd
