#include "daemon/app.h"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <iterator>
#include <system_error>
#include <utility>

#include "core/whole_file.h"
#include "daemon/history/remember.h"
#include "daemon/merge/merge_collector.h"
#include "daemon/probe/probe_collector.h"
#include "daemon/run/needs.h"
#include "daemon/service/memory_release.h"
#include "daemon/service/resources.h"
#include "daemon/service/socket_activation.h"
#include "daemon/service/version.h"

namespace vitalsd {
namespace asio = boost::asio;
using namespace std::chrono_literals;
namespace {

constexpr std::size_t kMaxThreads = 64;  // each collector can hold one in the kernel, no more

std::string_view remedy_for_thread(int refused) {
  if (refused == EPERM || refused == ENOSYS)
    return "let the seccomp profile of the container allow clone and clone3 (update its runtime)";
  if (refused == ENOMEM) return "give more memory or address space (MemoryMax=, ulimit -v)";
  return "raise the limit of tasks: TasksMax= of the service, the pids limit of the container or pod, ulimit -u";
}

}  // namespace

App::App(ConfigSources sources, LoadedConfig loaded)
    : sources_(std::move(sources)),
      config_(std::move(loaded.config)),
      config_file_(std::move(loaded.config_file)),
      log_(config_.log.level, config_.log.format),
      start_(clock_.steady()),
      loop_(1),
      signals_(loop_),
      pool_(kMaxThreads),
      telemetry_(clock_),
      scheduler_(loop_, pool_, store_, clock_,
                 [this](const Job& job, const RunReport& report) { observe_run(job, report); }),
      budget_(clock_, log_),
      publisher_(loop_, pool_, store_, clock_, log_),
      prober_(loop_, pool_, log_),
      merger_(loop_, pool_, store_, log_),
      scrape_(loop_, pool_, scheduler_, store_, telemetry_, clock_, log_, [this] { refresh_foreign(); }),
      incidents_(loop_, pool_, clock_, history_, telemetry_, log_),
      rule_book_(std::move(loaded.rules)),
      rules_(loop_, pool_, store_, history_, clock_, log_, [this] { refresh_for_rules(); }),
      server_(loop_, limits_of(config_),
              [this](std::string_view handler, unsigned status, std::chrono::nanoseconds took) {
                telemetry_.request_done(handler, status, took);
              }),
      inherited_(inherited_sockets(sources_.environment)),
      notify_(sources_.environment) {
  use_web(loaded.web, guard_of(loaded.web));
}

App::~App() = default;

int App::run() {
  publisher_.configure(config_, true);
  try {
    server_.bind(bindings(config_, guard_));
  } catch (const http::ListenError& error) {
    log_.error("cannot listen",
               {{"error", error.what()}, {"remedy", "choose another --web.listen-address, or end what uses it"}});
    return kExitFailed;
  }
  for (const auto& address : server_.addresses())
    log_.info("listening", {{"address", address}, {"version", VITALSD_VERSION}});
  notify_.extend(longest_timeout() + kManagerMargin);
  enter_sandbox();
  scrape_.configure(config_);
  configure_rules();
  configure_history();
  incidents_.configure(config_, true);
  configure_budget();
  scheduler_.on_first_runs([this] { became_ready(); });
  scheduler_.apply(scheduler_.prepare(config_, nullptr));
  use_boards(config_);
  if (scheduler_.ready()) became_ready();
  asio::co_spawn(loop_, handle_signals(), asio::detached);
  asio::co_spawn(loop_, measure_lag(), asio::detached);
  asio::co_spawn(loop_, keep_budget(), asio::detached);
  asio::co_spawn(loop_, watch_web_files(), asio::detached);
  if (notify_.active()) asio::co_spawn(loop_, inform_manager(), asio::detached);
  try {
    loop_.run();
  } catch (const std::exception& error) {
    log_.error("internal error", {{"error", error.what()}});
    return kExitFailed;
  }
  if (abandoned_) std::_Exit(exit_code_);  // destructors would pull memory from under the thread that hangs
  return exit_code_;
}

// Before the pool has any thread: capabilities and Landlock are a thread's own, and handed down to those it starts.
void App::enter_sandbox() {
  const auto manager = sources_.environment.find("NOTIFY_SOCKET");
  const bool is_abstract = manager != sources_.environment.end() && manager->second.starts_with('@');
  std::vector<std::string> files;
  if (!config_file_.empty()) files.push_back(config_file_);
  if (!config_.publish.token_file.empty()) files.push_back(config_.publish.token_file);
  for (const std::string& file : config_.rules.files) files.push_back(file);
  for (const auto& file : {config_.alertmanager.password_file, config_.alertmanager.bearer_token_file}) {
    if (!file.empty()) files.push_back(file);
  }
  if (web_) std::ranges::transform(web_->files, std::back_inserter(files), &FileStamp::path);
  sandbox_.enter(config_, needs_of(config_), {std::move(files), is_abstract}, log_);
  telemetry_.sandbox(sandbox_.report());
}

int App::run_once() {
  scrape_.configure(config_);
  scheduler_.apply(scheduler_.prepare(config_, nullptr));
  use_boards(config_);
  asio::co_spawn(loop_, collect_once(), asio::detached);
  loop_.run();
  const auto text = scrape_.exposition();
  if (!write_all(STDOUT_FILENO, *text, "standard output")) exit_code_ = kExitFailed;
  scheduler_.stop();
  if (!pool_.stop(clock_.steady() + 100ms)) std::_Exit(exit_code_);
  pool_.drain();
  return exit_code_;
}

asio::awaitable<void> App::collect_once() {
  co_await scheduler_.refresh({}, longest_timeout() + 1s);
  loop_.stop();
}

void App::observe_run(const Job& job, const RunReport& report) {
  telemetry_.run_done(job, report);
  remember(history_, job, report, store_, clock_.steady());
  incidents_.run_done(job, report);
  for (const Happened& event : report.events) {
    const bool ours = event.kind == EventKind::target_ended && event.entity == config_.exit_with_target;
    if (ours && phase_ != Phase::stopping && target_is_down()) stop("the target " + event.entity + " ended");
  }
  if (report.error) {
    const std::string text = describe(*report.error);
    if (report.error->code == Errc::unavailable) {
      log_.debug("collector has nothing to read here", {{"collector", job.name()}, {"error", text}});
    } else {
      exit_code_ = phase_ == Phase::starting ? kExitFailed : exit_code_;  // of --once; running goes on whatever fails
      log_.warn_limited(job.name() + "/" + std::string(name_of(report.error->code)), "collector failed",
                        {{"collector", job.name()}, {"error", text}});
    }
  }
  for (const PartialFault& fault : report.faults) fault_log_.report(job.name(), fault);
}

void App::became_ready() {
  if (phase_ != Phase::starting) return;
  phase_ = Phase::running;
  log_.info("ready", {{"collectors", std::to_string(scheduler_.jobs().size())}});
  notify_.ready(service_status());
  rules_.begin();
  give_back_memory();
}

// How late the loop is for a timer is how long a scrape may have to wait for its turn.
asio::awaitable<void> App::measure_lag() {
  asio::steady_timer timer(loop_);
  while (phase_ != Phase::stopping) {
    timer.expires_after(1s);
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    telemetry_.loop_lag(clock_.steady() - timer.expiry());
    if (burst_.is_over(server_.connections(), server_.ended())) give_back_heap();
    watch_threads();
  }
}

void App::watch_threads() {
  pool_.reinforce();  // of what waits for a thread that the system refused
  const int refused = pool_.workers().refused;
  if (lacks_threads_ == (refused != 0)) return;
  lacks_threads_ = refused != 0;
  if (refused == 0) {
    log_.info("the system gives threads again");
    return;
  }
  log_.warn("the system refuses a thread: collectors that may wait do not run, and it is asked for again",
            {{"error", std::generic_category().message(refused)}, {"remedy", remedy_for_thread(refused)}});
}

void App::configure_budget() {
  budget_.configure(config_.budget.cpu);
  telemetry_.budget(config_.budget.cpu);
}

// The collectors that are fed by the loop are new ones after a reload.
void App::use_boards(const Config& config) {
  prober_.use(board_of(scheduler_.jobs()));
  merger_.use(merge_board_of(scheduler_.jobs()), config);
}

// A report may reach further back than anybody else asks for.
void App::configure_history() {
  HistorySettings settings{config_.history.window, config_.history.size, config_.history.families};
  if (config_.reports.keep > 0) settings.window = std::max(settings.window, config_.reports.history);
  for (const auto& [family, range] : rule_book_->ranges()) {
    settings.families.push_back(family);
    settings.window = std::max<std::chrono::nanoseconds>(settings.window, range);
  }
  history_.configure(settings);
  for (const auto& [name, collector] : config_.collectors) {
    if (!collector.enabled) history_.forget(name);
  }
}

void App::configure_rules() {
  const auto own = Telemetry::families();
  rules_read_telemetry_ = false;
  for (const auto& group : rule_book_->groups) {
    for (const auto& rule : group.rules) {
      rules::each_selector(*rule.expression, [&](const rules::SelectorNode& selector) {
        const auto is_meant = [&](const Family* family) { return selector.name.starts_with(family->name); };
        if (selector.name.empty() || std::ranges::any_of(own, is_meant)) rules_read_telemetry_ = true;
      });
    }
  }
  rules_.configure(config_, rule_book_);
}

void App::refresh_foreign() {
  merger_.refresh();
  publisher_.refresh();
}

void App::refresh_for_rules() {
  refresh_foreign();
  if (rules_read_telemetry_) {
    telemetry_.workers(pool_.workers());
    store_.publish(kTelemetryBlock, telemetry_.collect(scheduler_.jobs()));
  }
  // No collector's run brings these into the history; families that no rule reads the past of are not kept.
  std::vector<std::string> names{std::string(kTelemetryBlock)};
  store_.append_names(kPublishedPrefix, names);
  for (const std::string& name : names) {
    if (const Block* block = store_.find(name); block != nullptr) history_.observe(name, *block, clock_.steady());
  }
}

asio::awaitable<void> App::keep_budget() {
  asio::steady_timer timer(loop_);
  while (phase_ != Phase::stopping) {
    timer.expires_after(BudgetKeeper::kEvery);
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    budget_.review(scheduler_.jobs());
  }
}

}  // namespace vitalsd
