// The last minutes of chosen series, at the resolution they were collected in: what a report is made from.
//   recorder.observe("cgroups", block, interval, now); recorder.freeze(now)
#pragma once

#include <boost/json/fwd.hpp>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/block.h"

namespace vitalsd {

/// Lives on the loop. Bounded: kMostValues values in all, and what does not fit is left out and counted in the report.
class Recorder {
 public:
  static constexpr std::size_t kMostValues = std::size_t{48} * 1024;  // 384 KiB
  static constexpr std::size_t kMostPoints = 600;                     // of a series

  using Time = std::chrono::steady_clock::time_point;

  /// How far back to remember; 0: not at all, and what was remembered is dropped.
  void configure(std::chrono::nanoseconds history);
  /// Takes from a published block what a report would tell. Allocates nothing while the series stay the same.
  void observe(std::string_view collector, const Block& block, std::chrono::nanoseconds interval, Time at);
  /// The collector runs no more.
  void forget(std::string_view collector);

  /// What there is, as of `now`: the collectors' series with their times (seconds before `now`, negative), the largest
  /// users of memory, and how many series were left out. Every `stride`th point, counted from the newest.
  boost::json::object freeze(Time now, std::size_t stride) const;

  /// The families that are remembered.
  static std::vector<std::string_view> families();

 private:
  struct Series {
    std::string_view family;  ///< static
    std::string labels;
    std::vector<double> values;  ///< a ring like Track::times; kAbsent where it was not there
    std::uint64_t last = 0;      ///< the round in which it was there
  };
  struct Track {
    std::vector<Time> times;
    std::uint64_t rounds = 0;
    std::vector<Series> series;
    std::map<std::string, std::size_t, std::less<>> index;
    std::uint64_t left_out = 0;
  };

  Track& track_of(std::string_view collector, std::chrono::nanoseconds interval);
  /// The slot of the round, in which nothing is there yet.
  static std::size_t begin_round(Track& track, Time at);
  Series* find(Track& track, std::size_t& cursor, std::string_view family, std::string_view labels);
  void drop_dead(Track& track);

  std::chrono::nanoseconds history_{0};
  std::map<std::string, Track, std::less<>> tracks_;
  std::size_t values_ = 0;
  std::string key_;
};

}  // namespace vitalsd
