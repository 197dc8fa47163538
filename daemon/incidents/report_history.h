// What a report of an incident shows of the minutes before it, taken from the history.
#pragma once

#include <boost/json/fwd.hpp>
#include <chrono>
#include <cstddef>

#include "daemon/history/history.h"

namespace vitalsd {

/// As of `now`: the collectors' series with their times (seconds before `now`, negative), the largest users of memory,
/// and how many samples found no room in the history. Every `stride`th run, counted from the newest.
boost::json::object report_history(const History& history, History::Time now, std::chrono::nanoseconds span,
                                   std::size_t stride);

}  // namespace vitalsd
