// Signals, reload and the graceful end.
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <ranges>

#include "daemon/app.h"
#include "daemon/on_pool.h"

namespace vitalsd {
namespace asio = boost::asio;
using namespace std::chrono_literals;
namespace {

constexpr auto kQuietly = asio::as_tuple(asio::use_awaitable);
constexpr auto kReloadTimeout = 10s;

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
      const auto ignored = [](std::exception_ptr, const std::string&) {};
      if (phase_ != Phase::stopping) asio::co_spawn(loop_, reload(), ignored);
    } else if (phase_ == Phase::stopping) {
      ::_exit(kExitSignal + signal);
    } else {
      log_.info("stopping", {{"signal", signal == SIGTERM ? "SIGTERM" : "SIGINT"}});
      phase_ = Phase::stopping;
      asio::co_spawn(loop_, shut_down(), asio::detached);
    }
  }
}

// Not ready from the first signal on; then what is in flight is finished, and what runs is cancelled and joined.
asio::awaitable<void> App::shut_down() {
  exit_code_ = kExitOk;
  asio::steady_timer timer(loop_);
  co_await hold_for_scrape();
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
  scheduler_.stop();
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

asio::awaitable<std::string> App::reload() {
  if (std::exchange(reloading_, true)) co_return "another reload is under way";
  // The file may lie on something that hangs: it is read on the pool, by a copy of what it needs.
  struct Loading {
    ConfigSources sources;
    LoadedConfig result;
  };
  const auto loading = std::make_shared<Loading>(Loading{sources_, {}});
  const std::function<void()> load = [loading] { loading->result = load_config(loading->sources); };
  const SteadyTime deadline = clock_.steady() + kReloadTimeout;
  const bool done = co_await on_pool(loop_, pool_, deadline, load);
  std::string faults;
  if (!done) {
    faults = "the configuration could not be read within 10 s";
  } else if (!loading->result.faults.empty()) {
    for (const auto& fault : loading->result.faults) faults += (faults.empty() ? "" : "\n") + describe(fault);
  } else {
    faults = apply(loading->result.config);
  }
  reloading_ = false;
  telemetry_.reload_done(faults.empty());
  if (faults.empty()) {
    log_.info("reloaded", {{"collectors", std::to_string(scheduler_.jobs().size())}});
  } else {
    for (const auto fault : std::views::split(faults, '\n')) {
      log_.error("configuration fault", {{"error", std::string_view(fault.begin(), fault.end())}});
    }
    log_.error("reload refused, the running configuration stays in force");
  }
  co_return faults;
}

// Everything that can fail comes before anything that changes.
std::string App::apply(const Config& config) {
  if (phase_ == Phase::stopping) return "stopping";
  try {
    auto plan = scheduler_.prepare(config, &config_);
    server_.bind(bindings(config));
    log_.configure(config.log.level, config.log.format);
    scheduler_.apply(std::move(plan));
    scrape_.configure(config);
    config_ = config;
    return {};
  } catch (const std::exception& error) {
    return error.what();
  }
}

}  // namespace vitalsd
