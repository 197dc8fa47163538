// The composition root: owns every part, wires them, and runs from start to graceful end.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <memory>
#include <string>
#include <vector>

#include "core/clock.h"
#include "daemon/config/load_config.h"
#include "daemon/config/web_security.h"
#include "daemon/history/history.h"
#include "daemon/incidents/incidents.h"
#include "daemon/merge/merger.h"
#include "daemon/probe/prober.h"
#include "daemon/publish/publisher.h"
#include "daemon/rules/rule_engine.h"
#include "daemon/run/budget_keeper.h"
#include "daemon/run/fault_log.h"
#include "daemon/run/pool.h"
#include "daemon/run/scheduler.h"
#include "daemon/run/store.h"
#include "daemon/run/telemetry.h"
#include "daemon/sandbox/sandbox.h"
#include "daemon/service/log.h"
#include "daemon/service/memory_release.h"
#include "daemon/service/notify.h"
#include "daemon/web/health.h"
#include "daemon/web/scrape.h"
#include "daemon/web/verdicts.h"
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
  /// What the service manager is asked for beyond the timeouts that the start or the end waits for.
  static constexpr std::chrono::seconds kManagerMargin{5};

  enum class Phase { starting, running, stopping };
  using Answer = boost::asio::awaitable<http::Response>;

  // app.cpp
  void observe_run(const Job& job, const RunReport& report);
  void became_ready();
  boost::asio::awaitable<void> measure_lag();
  void watch_threads();
  boost::asio::awaitable<void> keep_budget();
  void configure_budget();
  void configure_history();
  void configure_rules();
  /// What others made of the exposition gives way to what collectors report by now.
  void refresh_foreign();
  /// Publishes anew, for rules, what is otherwise published only when a scrape asks for it.
  void refresh_for_rules();
  void use_boards(const Config& config);
  boost::asio::awaitable<void> collect_once();

  // service.cpp
  std::chrono::nanoseconds longest_timeout() const;
  std::string service_status();
  boost::asio::awaitable<void> inform_manager();

  // routes.cpp
  std::vector<http::Binding> bindings(const Config& config, const std::shared_ptr<const http::Guard>& guard);
  std::shared_ptr<const http::Routes> full_routes(const Config& config);
  std::shared_ptr<const http::Routes> probe_routes();
  HealthFacts health_facts();
  Answer answer_alive();
  Answer answer_ready();
  Answer answer_health();
  static Answer answer_page_of(http::Request request);
  static Answer answer_page_file_of(http::Request request);
  Answer answer_status_of(std::string_view if_none_match);
  Answer answer_reload();
  Answer answer_reports(const http::Request& request);
  Answer answer_rule_list();
  Answer answer_alert_list();
  Answer answer_history_of(std::string_view query);
  Answer answer_series_of(std::string_view query);

  // web_watch.cpp
  static http::Limits limits_of(const Config& config);
  std::shared_ptr<const http::Guard> guard_of(std::shared_ptr<const WebSecurity> security);
  void use_web(std::shared_ptr<const WebSecurity> security, std::shared_ptr<const http::Guard> guard);
  boost::asio::awaitable<void> watch_web_files();

  // lifecycle.cpp
  boost::asio::awaitable<void> handle_signals();
  boost::asio::awaitable<void> shut_down();
  /// Begins the graceful end; once.
  void stop(std::string_view reason);
  boost::asio::awaitable<void> hold_for_scrape();
  boost::asio::awaitable<void> push_last(SteadyTime deadline);
  /// Whether the target that the daemon ends with has ended, as the newest block of `targets` tells.
  bool target_is_down() const;
  /// All or nothing. The faults, one a line; empty: done.
  boost::asio::awaitable<std::string> reload();
  std::string apply(const LoadedConfig& loaded, const Needs& needs);
  void enter_sandbox();

  ConfigSources sources_;
  Config config_;
  std::string config_file_;
  std::shared_ptr<const WebSecurity> web_;    ///< null: plain HTTP for everyone
  std::shared_ptr<const http::Guard> guard_;  ///< of web_, never null
  std::shared_ptr<Verdicts> verdicts_ = std::make_shared<Verdicts>();
  Clock clock_;
  Log log_;
  FaultLog fault_log_{log_};
  SteadyTime start_;
  Phase phase_ = Phase::starting;
  int exit_code_ = kExitOk;
  bool abandoned_ = false;  // a thread hangs in the kernel: nothing can be joined
  bool reloading_ = false;
  bool asked_to_end_ = false;  ///< by a signal
  bool pushing_ = false;
  bool lacks_threads_ = false;  ///< as last logged
  boost::asio::io_context loop_;
  boost::asio::signal_set signals_;
  Pool pool_;
  Store store_;
  Telemetry telemetry_;
  Scheduler scheduler_;
  BudgetKeeper budget_;
  Publisher publisher_;
  Prober prober_;
  Merger merger_;
  Scrape scrape_;
  History history_;
  Incidents incidents_;
  std::shared_ptr<const rules::RuleBook> rule_book_;  ///< never null
  bool rules_read_telemetry_ = false;
  RuleEngine rules_;
  http::Server server_;
  BurstWatch burst_;  ///< of its connections
  Snapshot health_snapshot_;
  std::string health_lack_;
  std::vector<std::string> health_alerts_;
  std::vector<int> inherited_;  ///< sockets of the service manager
  Notify notify_;
  Sandbox sandbox_;
  std::string reload_faults_;  ///< of the last reload, the first line; empty: it succeeded
};

}  // namespace vitalsd
