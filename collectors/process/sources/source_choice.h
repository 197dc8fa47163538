// Chooses the source of process samples: the BPF iterator if it is available, else procfs.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "collectors/process/sources/process_source.h"
#include "core/retry.h"

namespace vitalsd {

class SourceChoice {
 public:
  /// `wanted` is auto, bpf or procfs; throws OptionError for anything else. `sum_threads` is as for ProcfsSource.
  SourceChoice(const std::string& wanted, bool sum_threads);

  /// The source of this round. The first round uses procfs, because loading the program takes a tenth of a second,
  /// which would delay the start. A refused program is reported as a fault once; if a resource had run out, it is
  /// tried again, and reported in each round until then.
  ProcessSource& choose(CollectContext& context);
  /// Whether that loaded a program, or tried to: such a round costs what no other does.
  bool tried() const noexcept { return tried_; }

  std::string_view name() const noexcept { return source_->name(); }
  std::string_view reason() const noexcept { return reason_; }

 private:
  void try_bpf(CollectContext& context);

  std::unique_ptr<ProcessSource> source_;
  std::string reason_;
  bool asked_for_bpf_;
  bool wants_bpf_;
  bool tried_ = false;
  unsigned rounds_ = 0;
  Retry retry_;
  std::optional<Error> lack_;  ///< what the system had none of
};

}  // namespace vitalsd
