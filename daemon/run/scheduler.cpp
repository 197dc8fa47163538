#include "daemon/run/scheduler.h"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "daemon/run/host.h"
#include "daemon/run/own_network.h"
#include "daemon/run/policy.h"

namespace vitalsd {
namespace asio = boost::asio;
using namespace std::chrono_literals;
namespace {

constexpr auto kQuietly = asio::as_tuple(asio::use_awaitable);
constexpr auto kPatience = 5ms;      // how long runs may wait for a thread before the pool gets another
constexpr auto kLongestTurn = 3ms;   // of runs on the loop for one scrape; what is left goes to the pool
constexpr auto kFirstRest = 1ms;     // after a wake-up; twice as long after each that follows soon
constexpr auto kLongestRest = 20ms;  // a storm of events costs at most 50 runs a second
constexpr auto kCalm = 100ms;        // without a wake-up ends a storm

}  // namespace

Scheduler::Scheduler(asio::io_context& loop, Pool& pool, Store& store, const Clock& clock, Observer observer)
    : loop_(loop),
      pool_(pool),
      store_(store),
      clock_(clock),
      observer_(std::move(observer)),
      finished_(loop, ::dup(pool.finished_fd())) {
  asio::co_spawn(loop_, receive_finished(), asio::detached);
}

Scheduler::Plan Scheduler::prepare(const Config& config, const Config* running) {
  Plan plan;
  const bool same_paths = running != nullptr && running->paths == config.paths;
  plan.netlink = netlink_;
  if (!same_paths) plan.netlink = reads_own_network(config.paths.procfs) ? open_netlink() : nullptr;
  for (const auto& [name, wanted] : config.collectors) {
    if (!wanted.enabled) continue;
    const auto old = jobs_.find(name);
    if (same_paths && old != jobs_.end() && old->second->config() == wanted) {
      plan.jobs.emplace(name, old->second);
      continue;
    }
    auto collector = find_collector(name)->make(wanted.options);
    auto ended = [this](Job& job) { run_ended(job); };
    Host host = make_host(config.paths, clock_, plan.netlink);
    plan.jobs.emplace(name, std::make_shared<Job>(loop_, name, wanted, std::move(collector), std::move(host), ended));
  }
  return plan;
}

void Scheduler::apply(Plan plan) {
  for (auto& [name, job] : jobs_) {
    const auto kept = plan.jobs.find(name);
    if (kept != plan.jobs.end() && kept->second == job) continue;
    remove(*job);
    if (kept == plan.jobs.end()) store_.withdraw(name);  // a changed one is shown until its successor has run
  }
  jobs_.swap(plan.jobs);
  netlink_ = std::move(plan.netlink);
  for (auto& [name, job] : jobs_) {
    if (job->due != SteadyTime{}) continue;
    job->due = clock_.steady();
    job->kicked = true;
    asio::co_spawn(loop_, drive(job), asio::detached);
    if (job->wake) asio::co_spawn(loop_, watch(job), asio::detached);
  }
}

asio::awaitable<void> Scheduler::drive(std::shared_ptr<Job> job) {
  const auto& config = job->config();
  while (!job->removed) {
    if (!job->kicked) {
      job->timer.expires_at(job->due);
      co_await job->timer.async_wait(kQuietly);
    }
    if (job->removed) break;
    const SteadyTime now = clock_.steady();
    const bool on_tick = now >= job->due;
    if (!job->kicked && !on_tick) continue;
    const bool woken = !on_tick && job->waiters.empty();
    job->kicked = false;
    if (on_tick) {
      const auto phase = policy::phase_of(job->name(), job->pace());
      const auto tick = policy::next_tick(job->due, now, job->pace(), phase);
      // The grid moves with a pace that the collector changes: its ticks are counted as those of the configured
      // interval.
      const auto passed = static_cast<std::uint64_t>((tick.next - job->due) / config.interval);
      job->facts.skipped += job->left_out() > 0 ? passed - std::min<std::uint64_t>(passed, 1) : tick.missed;
      job->due = tick.next;
    }
    if (job->state() != Job::State::waiting) {  // a run that was given up is still stuck in the kernel
      job->facts.skipped += on_tick ? 1 : 0;
      if (job->facts.collected && policy::is_expired(*job->facts.collected, now, config.interval, config.timeout)) {
        store_.withdraw(job->name());
      }
      release_waiters(*job);
      pool_.reinforce();  // it may be that no thread was to be had
      continue;
    }
    if (run_here(*job) || run_without_thread(*job)) continue;
    const bool served = start(*job, woken);
    const SteadyTime deadline = job->started + config.timeout;
    // A read that hangs delays nobody else: a run that is not done soon may be one that waits behind it for a thread.
    std::chrono::nanoseconds patience = served ? config.timeout : kPatience;
    for (; job->state() == Job::State::running; patience *= 2) {
      const SteadyTime until = std::min(job->started + patience, deadline);
      job->timer.expires_at(until);
      co_await job->timer.async_wait(kQuietly);
      if (job->state() != Job::State::running || clock_.steady() >= deadline) break;
      if (clock_.steady() < until) continue;  // woken for another reason
      pool_.drain();
      pool_.reinforce();
      if (job->state() == Job::State::running && run_without_thread(*job)) break;
    }
    if (job->state() == Job::State::running) run_late(*job);
  }
}

// What the collector itself noticed (the end of a process, say) is worth a run before the next tick.
asio::awaitable<void> Scheduler::watch(std::shared_ptr<Job> job) {
  auto rest = std::chrono::nanoseconds(kFirstRest);
  SteadyTime rested{};
  while (!job->removed) {
    const auto [failed] = co_await job->wake->async_wait(asio::posix::stream_descriptor::wait_read, kQuietly);
    if (failed || job->removed) break;
    const SteadyTime now = clock_.steady();
    rest = now < rested + kCalm ? std::min<std::chrono::nanoseconds>(rest * 2, kLongestRest) : kFirstRest;
    if (job->woken() && job->state() == Job::State::waiting) kick(*job);
    job->rest.expires_at(now + rest);
    co_await job->rest.async_wait(kQuietly);
    rested = clock_.steady();
  }
}

// Handing a short run to a thread and back costs more than the run.
bool Scheduler::run_here(Job& job) {
  if (!job.run_here(scratch_)) return false;
  take_result(job);
  release_waiters(job);
  return true;
}

// Where the system refuses a thread, what never waits needs none.
bool Scheduler::run_without_thread(Job& job) {
  if (!job.never_waits() || pool_.has_thread()) return false;
  if (job.state() == Job::State::running && !job.withdraw(pool_)) return false;
  job.run_without_thread(scratch_);
  take_result(job);
  release_waiters(job);
  return true;
}

// Jobs that are due in the same turn of the loop go to the pool together, after the last of them.
bool Scheduler::start(Job& job, bool woken) {
  const bool served = job.start(pool_, woken);
  if (std::exchange(flushing_, true)) return served;
  asio::post(loop_, [this] {
    flushing_ = false;
    pool_.flush();
  });
  return served;
}

void Scheduler::kick(Job& job) {
  job.kicked = true;
  job.timer.cancel();
}

void Scheduler::remove(Job& job) {
  job.removed = true;
  if (job.state() == Job::State::running) job.give_up();
  job.timer.cancel();
  job.rest.cancel();
  if (job.wake) job.wake->cancel();
  release_all(job);
}

void Scheduler::take_result(Job& job) {
  const RunReport report = job.report();
  const bool late = report.error && report.error->code == Errc::timed_out;
  if (!late) {
    job.facts.unavailable = report.error && report.error->code == Errc::unavailable;
    job.facts.success = !report.error || job.facts.unavailable;
    job.facts.duration = report.duration;
    if (const auto block = job.take_block()) {
      if (!report.partial) job.facts.collected = job.started;
      store_.publish(job.name(), block);
      job.facts.error.clear();
    } else {
      store_.withdraw(job.name());
      job.facts.error = describe(*report.error);
    }
    count_run(job, report);
  }
  first_run(job);
}

void Scheduler::run_ended(Job& job) {
  take_result(job);
  if (!job.removed && job.renew_wake()) asio::co_spawn(loop_, watch(job.shared_from_this()), asio::detached);
  job.timer.cancel();
  job.report().partial ? keep_waiters(job) : release_waiters(job);
}

void Scheduler::run_late(Job& job) {
  // A run that no thread has begun hangs nowhere: the next tick asks for a thread again.
  pool_.reinforce();
  const bool is_unserved = job.withdraw(pool_);
  if (!is_unserved) job.give_up();
  const RunReport report{is_unserved ? Error{Errc::timed_out, pool_.workers().refused, "no thread to run on"}
                                     : Error{Errc::timed_out, 0, "collect"},
                         job.config().timeout,
                         {}};
  job.facts.success = job.facts.unavailable = false;
  if (job.facts.collected &&
      policy::is_expired(*job.facts.collected, clock_.steady(), job.config().interval, job.config().timeout)) {
    store_.withdraw(job.name());
  }
  job.facts.duration = report.duration;
  job.facts.error = describe(*report.error);
  count_run(job, report);
  first_run(job);
  release_waiters(job);
}

void Scheduler::count_run(Job& job, const RunReport& report) {
  ++job.facts.runs;
  observer_(job, report);
}

void Scheduler::first_run(Job& job) {
  if (std::exchange(job.facts.ran, true)) return;
  if (on_first_runs_ && ready()) on_first_runs_();
}

void Scheduler::release_waiters(Job& job) {
  const auto waiters = std::exchange(job.waiters, {});
  for (const auto& released : waiters) released();
  if (job.later.empty()) return;
  job.waiters.swap(job.later);
  job.kicked = true;
}

// A scrape that came during a partial run waits for the next one.
void Scheduler::keep_waiters(Job& job) {
  job.waiters.insert(job.waiters.end(), job.later.begin(), job.later.end());
  job.later.clear();
  if (!job.waiters.empty()) job.kicked = true;
}

// There will be no other run.
void Scheduler::release_all(Job& job) {
  release_waiters(job);
  release_waiters(job);
}

asio::awaitable<void> Scheduler::refresh(std::vector<std::string> names, std::chrono::nanoseconds budget, bool all) {
  struct Waiter {
    explicit Waiter(asio::io_context& loop) : timer(loop) {}
    std::size_t left = 0;
    asio::steady_timer timer;
  };
  std::shared_ptr<Waiter> waiter;
  const SteadyTime now = clock_.steady();
  const auto is_wanted = [&](const Jobs::value_type& entry) {
    const Job& job = *entry.second;
    if (!names.empty() && std::ranges::find(names, entry.first) == names.end()) return false;
    return job.state() != Job::State::stuck && (all || policy::is_stale(job.facts.collected, now, job.fresh()));
  };
  if (std::ranges::none_of(jobs_, is_wanted)) co_return;
  // All who ask in this turn of the loop come before the first of them is served, and share its runs.
  co_await asio::post(loop_, asio::use_awaitable);
  const SteadyTime enough = clock_.steady() + kLongestTurn;
  for (const auto& entry : jobs_) {
    if (!is_wanted(entry)) continue;
    const auto& job = entry.second;
    const bool idle = job->state() == Job::State::waiting && !job->kicked;
    if (idle && clock_.steady() < enough && run_here(*job)) continue;
    if (!waiter) waiter = std::make_shared<Waiter>(loop_);
    ++waiter->left;
    // A run under way may have begun before what this one wants to see.
    const bool runs = job->state() == Job::State::running;
    const bool too_early = runs && (all || policy::is_stale(job->started, now, job->fresh()));
    (too_early ? job->later : job->waiters).push_back([waiter] {
      if (--waiter->left == 0) waiter->timer.cancel();
    });
    if (idle) kick(*job);
  }
  if (!waiter) co_return;
  waiter->timer.expires_at(now + budget);
  co_await waiter->timer.async_wait(kQuietly);
}

asio::awaitable<void> Scheduler::receive_finished() {
  while (!stopped_) {
    const auto [failed] = co_await finished_.async_wait(asio::posix::stream_descriptor::wait_read, kQuietly);
    if (failed) break;
    pool_.drain();
  }
}

bool Scheduler::ready() const {
  return std::ranges::all_of(jobs_, [](const auto& entry) { return entry.second->facts.ran; });
}

void Scheduler::stop() {
  stopped_ = true;
  for (auto& [name, job] : jobs_) remove(*job);
  finished_.cancel();
}

}  // namespace vitalsd
