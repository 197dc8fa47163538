// Fetches the metrics of other endpoints: one coroutine on the loop for each, at its own interval.
//   merger.use(merge_board_of(jobs), config);  // at the start and after each reload
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "daemon/config/config.h"
#include "daemon/merge/merge_board.h"
#include "daemon/probe/attempt.h"
#include "daemon/run/pool.h"
#include "daemon/run/store.h"
#include "daemon/service/log.h"

namespace vitalsd {

/// Lives on the loop; must outlive it.
class Merger {
 public:
  Merger(boost::asio::io_context& loop, Pool& pool, Store& store, Log& log)
      : tools_(loop, pool), pool_(pool), store_(store), log_(log) {}

  /// Fetches what the board asks for from now on, and posts to it; null: nothing. Sources whose configuration did not
  /// change go on, and those that keep their name and target keep their counters.
  void use(std::shared_ptr<MergeBoard> board, const Config& config);
  /// Before each exposition: if somebody has a family by now that a merged one conflicts with, what was merged is
  /// withdrawn until it has been merged anew.
  void refresh();

 private:
  struct Watch;
  boost::asio::awaitable<void> drive(std::shared_ptr<Watch> watch);
  boost::asio::awaitable<void> ask(std::shared_ptr<Watch> watch);
  void note(Watch& watch, std::string reason, const std::string& detail);
  void post_neighbours();
  std::vector<const Family*> families_of_others();

  ProbeTools tools_;
  Pool& pool_;
  Store& store_;
  Log& log_;
  std::shared_ptr<MergeBoard> board_;
  std::map<std::string, std::shared_ptr<Watch>> watches_;  ///< by the name of the source
  std::vector<const Family*> registered_;                  ///< what enabled collectors may report
  std::vector<std::string> external_;
  Snapshot snapshot_;
  std::uint64_t checked_ = 0;  ///< the epoch that refresh() has seen
};

}  // namespace vitalsd
