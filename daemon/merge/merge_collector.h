// Collector `merge`: passes on the metrics of other endpoints under our own port. The daemon's loop fetches them
// (merger.h), and the two meet at a board.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "core/collector.h"
#include "daemon/merge/merge_board.h"
#include "daemon/merge/merge_families.h"
#include "daemon/run/job.h"

namespace vitalsd {

inline constexpr std::string_view kMergeCollector = "merge";

class MergeCollector final : public Collector {
 public:
  explicit MergeCollector(const Options& options);
  Result<void> collect(CollectContext& context, Sink& sink) override;
  int wake_fd() const noexcept override { return board_->specs().empty() ? -1 : board_->changed_fd(); }
  const std::shared_ptr<MergeBoard>& board() const noexcept { return board_; }

 private:
  std::shared_ptr<MergeBoard> board_;
  MergeFamilies families_;
  std::uint64_t version_ = 0;  ///< of the board that the families were made from
  bool is_first_ = true;
};

/// The board of the collector that runs, or null.
std::shared_ptr<MergeBoard> merge_board_of(const Jobs& jobs);

}  // namespace vitalsd
