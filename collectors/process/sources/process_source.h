// The interface of what tells of all processes: the kernel's BPF iterator, or procfs.
#pragma once

#include <span>
#include <string_view>

#include "collectors/process/sources/process_sample.h"
#include "core/collector.h"

namespace vitalsd {

/// Used by one thread at a time. A process that goes away while it is read is left out, which is no error.
class ProcessSource {
 public:
  virtual ~ProcessSource() = default;

  /// "bpf" or "procfs".
  virtual std::string_view name() const noexcept = 0;

  /// Every process there is, in no certain order, until the next scan; allocates nothing once warm. From procfs this is
  /// what /proc/PID/stat tells, the rest comes by detail(); a BPF iterator tells all at once.
  virtual Result<std::span<const ProcessSample>> scan(CollectContext& context) = 0;

  /// Adds to a copy of a sample of this round's scan what scan() left out. Vanished when the process has ended since.
  virtual Result<void> detail(CollectContext& context, ProcessSample& sample) = 0;
};

}  // namespace vitalsd
