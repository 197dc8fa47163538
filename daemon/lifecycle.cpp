// Signals, reload and the graceful end.
#include <unistd.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <ranges>

#include "daemon/app.h"
#include "daemon/config/masked.h"
#include "daemon/run/needs.h"
#include "daemon/run/on_pool.h"
#include "daemon/service/host_name.h"
#include "daemon/service/memory_release.h"
#include "daemon/web/target_states.h"
#include "exporters/http/client.h"
#include "exporters/text.h"

namespace vitalsd {
namespace asio = boost::asio;
using namespace std::chrono_literals;
namespace {

constexpr auto kQuietly = asio::as_tuple(asio::use_awaitable);
constexpr auto kReloadTimeout = 10s;

// A gateway's address alone stands for the usual grouping; an address with a path is taken as it is.
std::string push_target(std::string url) {
  const std::size_t host = url.find("://") + 3;
  const std::size_t path = url.find('/', host);
  if (path != std::string::npos && path + 1 < url.size()) return url;
  return url.substr(0, path) + "/metrics/job/vitalsd/instance/" + host_name();
}

}  // namespace

asio::awaitable<void> App::handle_signals() {
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) signals_.add(signal);
  // main() blocked them: one that came before now is delivered here, not lost and not fatal.
  sigset_t ours;
  sigemptyset(&ours);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&ours, signal);
  pthread_sigmask(SIG_UNBLOCK, &ours, nullptr);

  for (;;) {
    const auto [failed, signal] = co_await signals_.async_wait(kQuietly);
    if (failed) co_return;
    if (signal == SIGHUP) {
      const auto ignored = [](const std::exception_ptr&, const std::string&) {};
      if (phase_ != Phase::stopping) asio::co_spawn(loop_, reload(), ignored);
    } else if (std::exchange(asked_to_end_, true)) {
      ::_exit(kExitSignal + signal);
    } else if (phase_ != Phase::stopping) {
      stop(signal == SIGTERM ? "SIGTERM" : "SIGINT");
    }
  }
}

void App::stop(std::string_view reason) {
  log_.info("stopping", {{"reason", reason}});
  phase_ = Phase::stopping;
  notify_.stopping();
  notify_.extend(config_.shutdown.hold_for_scrape + 2 * config_.shutdown.timeout + kManagerMargin);
  asio::co_spawn(loop_, shut_down(), asio::detached);
}

bool App::target_is_down() const {
  const auto states = target_states(config_, store_);
  const auto found = std::ranges::find(states, config_.exit_with_target, &TargetState::name);
  return found == states.end() || !found->up;
}

// Not ready from the first signal on; then what is in flight is finished, and what runs is cancelled and joined.
asio::awaitable<void> App::shut_down() {
  exit_code_ = kExitOk;
  asio::steady_timer timer(loop_);
  // The last state is collected first, and pushed while a scrape is waited for: whoever gave us little time and kills
  // us early has it all the same.
  co_await scheduler_.refresh({}, std::min<std::chrono::nanoseconds>(config_.shutdown.timeout / 4, 1s), true);
  asio::co_spawn(loop_, push_last(clock_.steady() + config_.shutdown.timeout / 2), asio::detached);
  co_await hold_for_scrape();
  while (pushing_) {
    timer.expires_after(5ms);
    co_await timer.async_wait(kQuietly);
  }
  const SteadyTime deadline = clock_.steady() + config_.shutdown.timeout;
  bool drained = false;
  server_.on_drained([&drained, &timer] {
    drained = true;
    timer.cancel();
  });
  server_.drain();
  while (!drained && clock_.steady() < deadline) {
    timer.expires_at(deadline);
    co_await timer.async_wait(kQuietly);
  }
  server_.on_drained({});
  if (!drained) log_.warn("requests cut short", {{"connections", std::to_string(server_.connections())}});
  server_.abort();
  co_await rules_.stop(deadline);
  scheduler_.stop();
  prober_.use(nullptr);
  merger_.use(nullptr, config_);
  while (!pool_.stop(clock_.steady())) {
    if (clock_.steady() >= deadline) {
      log_.warn("a collector hangs in the kernel and is left behind");
      abandoned_ = true;
      break;
    }
    timer.expires_after(1ms);
    co_await timer.async_wait(kQuietly);
  }
  pool_.drain();
  log_.info("stopped");
  loop_.stop();
}

asio::awaitable<void> App::hold_for_scrape() {
  const SteadyTime until = clock_.steady() + config_.shutdown.hold_for_scrape;
  const auto served = scrape_.served();
  asio::steady_timer timer(loop_);
  while (scrape_.served() == served && clock_.steady() < until) {
    timer.expires_after(20ms);
    co_await timer.async_wait(kQuietly);
  }
}

asio::awaitable<void> App::push_last(SteadyTime deadline) {
  if (config_.shutdown.push_url.empty()) co_return;
  pushing_ = true;
  struct Sending {
    std::string url;
    std::shared_ptr<const std::string> body;
    std::chrono::milliseconds patience;
    std::string error;
  };
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - clock_.steady());
  const auto push = std::make_shared<Sending>(
      Sending{push_target(config_.shutdown.push_url), std::make_shared<std::string>(*scrape_.exposition()), left, {}});
  const std::function<void()> send = [push] {
    const auto answer = http::put(push->url, kTextContentType, *push->body, push->patience);
    if (!answer) push->error = answer.error();
    if (answer && answer->status / 100 != 2) push->error = "status " + std::to_string(answer->status);
  };
  const bool done = co_await on_pool(loop_, pool_, deadline, send);
  pushing_ = false;
  if (!done) push->error = "no answer in time";
  if (push->error.empty()) {
    log_.info("pushed", {{"url", conf::masked_url(push->url)}});
  } else {
    log_.error("cannot push the last state", {{"url", conf::masked_url(push->url)}, {"error", push->error}});
  }
}

asio::awaitable<std::string> App::reload() {
  if (std::exchange(reloading_, true)) co_return "another reload is under way";
  if (phase_ == Phase::running) notify_.reloading();
  // The file may lie on something that hangs: it is read on the pool, by a copy of what it needs.
  struct Loading {
    ConfigSources sources;
    LoadedConfig result;
    Needs needs;
  };
  const auto loading = std::make_shared<Loading>(Loading{sources_, {}, {}});
  const std::function<void()> load = [loading] {
    loading->result = load_config(loading->sources);
    if (loading->result.faults.empty()) loading->needs = needs_of(loading->result.config);
  };
  const SteadyTime deadline = clock_.steady() + kReloadTimeout;
  const bool done = co_await on_pool(loop_, pool_, deadline, load);
  std::string faults;
  if (!done) {
    faults = "the configuration could not be read within 10 s";
  } else if (!loading->result.faults.empty()) {
    for (const auto& fault : loading->result.faults) faults += (faults.empty() ? "" : "\n") + describe(fault);
  } else {
    faults = apply(loading->result, loading->needs);
  }
  reloading_ = false;
  if (phase_ == Phase::stopping) co_return "stopping";  // no fault of the configuration
  reload_faults_ = faults.substr(0, faults.find('\n'));
  telemetry_.reload_done(faults.empty());
  if (faults.empty()) {
    log_.info("reloaded", {{"collectors", std::to_string(scheduler_.jobs().size())}});
  } else {
    for (const auto fault : std::views::split(faults, '\n')) {
      log_.error("configuration fault", {{"error", std::string_view(fault.begin(), fault.end())}});
    }
    log_.error("reload refused, the running configuration stays in force");
  }
  if (phase_ == Phase::running) notify_.ready(service_status());
  give_back_memory();
  co_return faults;
}

// Everything that can fail comes before anything that changes.
std::string App::apply(const LoadedConfig& loaded, const Needs& needs) {
  if (phase_ == Phase::stopping) return "stopping";
  const Config& config = loaded.config;
  // Of the same files it is the same: connections stay, and who has shown his password is known.
  const bool same_web = web_ && loaded.web && web_->files == loaded.web->files;
  try {
    auto plan = scheduler_.prepare(config, &config_);
    const auto guard = same_web ? guard_ : guard_of(loaded.web);
    server_.bind(bindings(config, guard));
    server_.limit(limits_of(config));
    if (!same_web) use_web(loaded.web, guard);
    log_.configure(config.log.level, config.log.format);
    scheduler_.apply(std::move(plan));
    use_boards(config);
    scrape_.configure(config);
    incidents_.configure(config, false);
    publisher_.configure(config, false);
    config_ = config;
    rule_book_ = loaded.rules;
    configure_rules();
    configure_history();
    fault_log_.forget();
    configure_budget();
    sandbox_.log_lacks(config, needs, log_);
    return {};
  } catch (const http::ListenError& error) {
    return sandbox_.explain_refusal(config, error.what());
  } catch (const std::exception& error) {
    return error.what();
  }
}

}  // namespace vitalsd
