// Collector `probe`: publishes what the probes found. The probes themselves run on the daemon's loop (prober.h), and
// the two meet at a board.
#pragma once

#include <memory>

#include "core/collector.h"
#include "daemon/probe/board.h"
#include "daemon/run/job.h"

namespace vitalsd {

class ProbeCollector final : public Collector {
 public:
  explicit ProbeCollector(const Options& options);
  Result<void> collect(CollectContext& context, Sink& sink) override;
  const std::shared_ptr<ProbeBoard>& board() const noexcept { return board_; }

 private:
  std::shared_ptr<ProbeBoard> board_;
  bool is_first_ = true;
};

/// The board of the collector that runs, or null.
std::shared_ptr<ProbeBoard> board_of(const Jobs& jobs);

}  // namespace vitalsd
