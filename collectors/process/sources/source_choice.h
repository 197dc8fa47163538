// Chooses where samples of processes come from: the BPF iterator where it can be had, else procfs.
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
  /// `wanted` is auto, bpf or procfs; throws OptionError for anything else. `sum_threads` as of ProcfsSource.
  SourceChoice(const std::string& wanted, bool sum_threads);

  /// The source of this round. The first is procfs: to load a program takes a tenth of a second, which a start does not
  /// have. A refusal is reported through context.faults; where something had run out, it is asked for again.
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
