// GET /api/v1/history and /api/v1/series: what the history holds, as JSON of version 1.
#pragma once

#include <string_view>

#include "core/clock.h"
#include "daemon/history/history.h"
#include "exporters/http/message.h"

namespace vitalsd {

/// Of one answer; what would be more is refused with 422, and asks for a narrower `match`, a longer `step` or less
/// time.
struct HistoryLimits {
  static constexpr std::size_t kSeries = 500;
  static constexpr std::size_t kSummed = 5'000;  ///< to be read where they are added up
  static constexpr std::size_t kBy = 8;
  static constexpr std::size_t kPoints = 20'000;
  static constexpr std::size_t kSamples = 400'000;  ///< to be read for it: 5 ms of the loop
};

/// `?match=NAME{label="value"}&from=&to=&step=&rate=true&by=LABEL`. Times are seconds since the epoch, or before now if
/// they are not above 0; `from` is at first the beginning of the window, `to` now, `step` a duration, of which at first
/// 60 fit. A series' points are [time of the step's end, least, mean, most] of each step that has samples; with `rate`,
/// of how fast a counter grew per second from sample to sample. `by`, which may come more than once, adds up the series
/// that agree in these labels, round by round; empty, all of a family. Times are those of the clock as it is set now.
http::Response answer_history(const History& history, const Clock& clock, std::string_view query);

/// `?match=` as above, or all: the series without their samples.
http::Response answer_series(const History& history, std::string_view query);

}  // namespace vitalsd
