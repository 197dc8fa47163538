// What happened, kept with the minutes before it: counts events, makes a report of each that is new, answers for them.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "daemon/config/config.h"
#include "daemon/history/history.h"
#include "daemon/incidents/oom_log.h"
#include "daemon/incidents/reports.h"
#include "daemon/run/job.h"
#include "daemon/run/telemetry.h"
#include "daemon/service/log.h"
#include "exporters/http/message.h"

namespace vitalsd {

/// Lives on the loop.
class Incidents {
 public:
  static constexpr std::chrono::seconds kBetweenReports{60};  ///< of the same kind and entity

  /// A report's past is taken from `history`.
  Incidents(boost::asio::io_context& loop, Pool& pool, const Clock& clock, const History& history, Telemetry& telemetry,
            Log& log)
      : loop_(loop), clock_(clock), history_(history), telemetry_(telemetry), log_(log), reports_(loop, pool) {}

  /// `first`: an earlier daemon's reports are looked for.
  void configure(const Config& config, bool first);
  /// After each run of a collector, which the history has taken.
  void run_done(const Job& job, const RunReport& report);

  /// What the kernel's log has said of kills; empty where there are no reports.
  OomRecords* oom_records() noexcept { return oom_log_ ? &oom_log_->records : nullptr; }

  /// GET /api/v1/reports: the list, or with ?id= one of them; that one as text if `accept` is text/plain.
  boost::asio::awaitable<http::Response> answer(std::string query, std::string accept);

 private:
  /// Another collector has reported this kill.
  bool is_repeated_by(const Job& job, const Happened& event, SteadyTime now);
  bool is_new(const Happened& event, SteadyTime now);
  std::vector<KilledProcess> name_killed(Happened& event);
  std::string text_of(const Job& job, const Happened& event, const std::vector<KilledProcess>& killed,
                      SteadyTime now) const;
  boost::asio::awaitable<void> keep(Happened event, std::string text);

  boost::asio::io_context& loop_;
  const Clock& clock_;
  const History& history_;
  Telemetry& telemetry_;
  Log& log_;
  Reports reports_;
  std::chrono::nanoseconds span_{};  ///< of a report's past
  std::optional<OomLog> oom_log_;
  bool enabled_ = false;
  unsigned writing_ = 0;
  std::map<std::string, SteadyTime, std::less<>> reported_;
  struct Reporter {
    std::string collector;
    SteadyTime last;
  };
  std::map<std::string, Reporter, std::less<>> reporters_;  ///< which collector reports the kills of a cgroup
};

}  // namespace vitalsd
