// Chooses the source of process samples: the BPF iterator if it is available, else procfs.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "collectors/process/sources/process_source.h"

namespace vitalsd {

class SourceChoice {
 public:
  /// `wanted` is auto, bpf or procfs; throws OptionError for anything else. `sum_threads` is as for ProcfsSource.
  SourceChoice(const std::string& wanted, bool sum_threads);

  /// The source of this round. The first round uses procfs, because loading the program takes a tenth of a second,
  /// which would delay the start. A refused program is reported as a fault once.
  ProcessSource& choose(CollectContext& context);

  std::string_view name() const noexcept { return source_->name(); }
  std::string_view reason() const noexcept { return reason_; }

 private:
  void try_bpf(CollectContext& context);

  std::unique_ptr<ProcessSource> source_;
  std::string reason_;
  bool asked_for_bpf_;
  bool wants_bpf_;
  unsigned rounds_ = 0;
};

}  // namespace vitalsd
