// Runs the probes: one coroutine on the loop for each, at its own interval.
//   prober.use(board_of(jobs));  // at the start and after each reload
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <map>
#include <memory>
#include <string>

#include "daemon/probe/attempt.h"
#include "daemon/probe/board.h"
#include "daemon/run/pool.h"
#include "daemon/service/log.h"

namespace vitalsd {

/// Lives on the loop; must outlive it.
class Prober {
 public:
  Prober(boost::asio::io_context& loop, Pool& pool, Log& log) : tools_(loop, pool), log_(log) {}

  /// Probes what the board asks for from now on, and posts to it; null: nothing. Probes whose configuration did not
  /// change go on, and those that keep their name and target keep their counters.
  void use(std::shared_ptr<ProbeBoard> board);
  std::size_t size() const noexcept { return watches_.size(); }

 private:
  struct Watch;
  boost::asio::awaitable<void> drive(std::shared_ptr<Watch> watch);
  void note(Watch& watch, ProbeOutcome outcome);
  void log_change(const ProbeSpec& spec, const ProbeOutcome* last, const ProbeOutcome& now);

  ProbeTools tools_;
  Log& log_;
  std::shared_ptr<ProbeBoard> board_;
  std::map<std::string, std::shared_ptr<Watch>> watches_;  ///< by the name of the probe
};

}  // namespace vitalsd
