// What the daemon publishes of itself: prometheus-cpp's registry for what is counted as it happens, and the state of
// the collectors, published as one more block.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/block.h"
#include "core/clock.h"
#include "core/event.h"
#include "daemon/run/job.h"
#include "daemon/run/pool.h"
#include "daemon/sandbox/sandbox.h"

namespace prometheus {
class Counter;
class Histogram;
class Registry;
}  // namespace prometheus

namespace vitalsd {

class RegistryBridge;

class Telemetry {
 public:
  explicit Telemetry(const Clock& clock);
  ~Telemetry();

  void request_done(std::string_view handler, unsigned status, std::chrono::nanoseconds took);
  void run_done(const Job& job, const RunReport& report);
  void loop_lag(std::chrono::nanoseconds lag);
  void reload_done(bool success);
  void event(EventKind kind);
  void report_kept(EventKind cause);
  /// Of the last exposition, as another block had them already.
  void series_left_out(std::size_t series) noexcept { left_out_ = series; }
  /// What the daemon may use, in cores; 0: no limit.
  void budget(double cores) noexcept { budget_ = cores; }
  void web_reload_done(bool success);
  /// When the certificate that is served expires; nothing: there is none.
  void certificate(std::optional<std::chrono::sys_seconds> not_after);
  void tls_failed();
  /// Shown from the next collect() on.
  void workers(const Pool::Workers& workers) noexcept { workers_ = workers; }
  /// From now on; before, all of it is off.
  void sandbox(const Sandbox::Report& report);

  /// A block with everything as it is now.
  std::shared_ptr<const Block> collect(const Jobs& jobs);
  /// When collect() was last called.
  std::optional<SteadyTime> collected() const noexcept { return collected_; }

  /// All its families, for the generated reference.
  static std::span<const Family* const> families();

 private:
  struct Counters;
  const Clock& clock_;
  std::unique_ptr<Counters> counters_;
  std::shared_ptr<Block> current_;
  std::shared_ptr<Block> spare_;
  std::optional<SteadyTime> collected_;
  Sandbox::Report sandbox_;
  bool reload_successful_ = true;
  double reload_time_ = 0;
  double budget_ = 0;
  std::size_t left_out_ = 0;
  Pool::Workers workers_;
  std::optional<bool> web_reload_;
  std::optional<std::chrono::sys_seconds> certificate_;
};

/// The name under which its block is published: after all collectors, which are lower-case words.
inline constexpr std::string_view kTelemetryBlock = "~daemon";

}  // namespace vitalsd
