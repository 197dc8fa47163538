// The interface of the sources that sample all processes: the kernel's BPF iterator, and procfs.
#pragma once

#include <span>
#include <string_view>

#include "collectors/process/sources/process_sample.h"
#include "core/collector.h"

namespace vitalsd {

/// Used by one thread at a time. A process that ends while it is read is left out, which is not an error.
class ProcessSource {
 public:
  virtual ~ProcessSource() = default;

  /// "bpf" or "procfs".
  virtual std::string_view name() const noexcept = 0;

  /// Samples every process, in no particular order; valid until the next scan. A warm scan allocates nothing. Procfs
  /// fills only what /proc/PID/stat contains, and detail() the rest; a BPF iterator fills everything at once.
  virtual Result<std::span<const ProcessSample>> scan(CollectContext& context) = 0;

  /// Fills the fields that scan() left out in a copy of a sample of this round. Vanished if the process has ended.
  virtual Result<void> detail(CollectContext& context, ProcessSample& sample) = 0;
};

}  // namespace vitalsd
