// The families of all sources as one exposition, which stays valid whatever the sources answer.
//   families.rebuild(inputs, neighbours, faults); families.publish(sink);
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/faults.h"
#include "core/sink.h"
#include "daemon/merge/merge_board.h"

namespace vitalsd {

/// Series of one source that are not passed on, by the reason.
struct MergeLosses {
  double own_name = 0;   ///< the daemon has a family of this name, or one whose series would have it
  double type = 0;       ///< another source has a family of this name and another type
  double duplicate = 0;  ///< the series is there already
};

class MergeFamilies {
 public:
  struct Input {
    std::shared_ptr<const MergeSpec> spec;
    std::shared_ptr<const MergeContent> content;  ///< null: nothing
  };

  /// The first source decides on a family's type and HELP. What conflicts is left out, counted and reported.
  void rebuild(std::vector<Input> inputs, const MergeNeighbours& neighbours, FaultSink& faults);
  void publish(Sink& sink) const;
  /// By index, as the inputs.
  const std::vector<MergeLosses>& losses() const noexcept { return losses_; }
  const std::vector<double>& series() const noexcept { return series_; }

 private:
  struct Held;
  std::shared_ptr<Held> held_;
  std::vector<MergeLosses> losses_;
  std::vector<double> series_;
};

}  // namespace vitalsd
