// The composition root: owns every part, wires them, and runs from start to graceful end.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <memory>
#include <string>
#include <vector>

#include "core/clock.h"
#include "daemon/health.h"
#include "daemon/load_config.h"
#include "daemon/log.h"
#include "daemon/pool.h"
#include "daemon/scheduler.h"
#include "daemon/scrape.h"
#include "daemon/store.h"
#include "daemon/telemetry.h"
#include "exporters/http/server.h"

namespace vitalsd {

/// Exit status: 0 after a graceful end, 1 when running failed, 2 for usage; a second signal N ends with 128+N.
enum ExitCode : int { kExitOk = 0, kExitFailed = 1, kExitUsage = 2, kExitSignal = 128 };

class App {
 public:
  /// `sources` are kept for reloads; `loaded` is without faults.
  App(ConfigSources sources, LoadedConfig loaded);
  ~App();

  /// Serves until a signal; returns the exit status.
  int run();
  /// Collects once, prints the exposition on standard output and returns the exit status.
  int run_once();

 private:
  enum class Phase { starting, running, stopping };
  using Answer = boost::asio::awaitable<http::Response>;

  // app.cpp
  void observe_run(const Job& job, const RunReport& report);
  void became_ready();
  boost::asio::awaitable<void> measure_lag();
  boost::asio::awaitable<void> collect_once();

  // routes.cpp
  std::vector<http::Binding> bindings(const Config& config);
  std::shared_ptr<const http::Routes> full_routes(const Config& config);
  std::shared_ptr<const http::Routes> probe_routes();
  HealthFacts health_facts();
  Answer answer_alive();
  Answer answer_ready();
  Answer answer_health();
  Answer answer_landing(std::string telemetry_path);
  Answer answer_reload();

  // lifecycle.cpp
  boost::asio::awaitable<void> handle_signals();
  boost::asio::awaitable<void> shut_down();
  boost::asio::awaitable<void> hold_for_scrape();
  /// All or nothing. The faults, one a line; empty: done.
  boost::asio::awaitable<std::string> reload();
  std::string apply(const Config& config);

  ConfigSources sources_;
  Config config_;
  Clock clock_;
  Log log_;
  SteadyTime start_;
  Phase phase_ = Phase::starting;
  int exit_code_ = kExitOk;
  bool abandoned_ = false;  // a thread hangs in the kernel: nothing can be joined
  bool reloading_ = false;
  boost::asio::io_context loop_;
  boost::asio::signal_set signals_;
  Pool pool_;
  Store store_;
  Telemetry telemetry_;
  Scheduler scheduler_;
  Scrape scrape_;
  http::Server server_;
  Snapshot health_snapshot_;
};

}  // namespace vitalsd
