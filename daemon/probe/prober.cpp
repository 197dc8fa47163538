#include "daemon/probe/prober.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace vitalsd {
namespace asio = boost::asio;

struct Prober::Watch {
  Watch(asio::io_context& loop, std::shared_ptr<const ProbeSpec> what) : spec(std::move(what)), timer(loop) {}

  std::shared_ptr<const ProbeSpec> spec;
  std::shared_ptr<ProbeBoard> board;
  std::size_t index = 0;  ///< on the board
  std::shared_ptr<const ProbeFacts> facts = std::make_shared<const ProbeFacts>();
  asio::steady_timer timer;
  bool removed = false;
};

void Prober::use(std::shared_ptr<ProbeBoard> board) {
  if (board == board_) return;
  board_ = board;
  auto old = std::exchange(watches_, {});
  const std::size_t count = board ? board->specs().size() : 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto& spec = board->specs()[i];
    const auto known = old.find(spec->name);
    std::shared_ptr<Watch> watch;
    const bool stays = known != old.end() && known->second->spec->record == spec->record;
    if (stays) {
      watch = known->second;
      old.erase(known);
    } else {
      watch = std::make_shared<Watch>(tools_.loop, spec);
      if (known != old.end() && known->second->spec->target == spec->target) watch->facts = known->second->facts;
    }
    watch->board = board;
    watch->index = i;
    board->post(i, watch->facts);
    watches_.emplace(spec->name, watch);
    if (!stays) asio::co_spawn(tools_.loop, drive(watch), asio::detached);
  }
  for (const auto& [name, watch] : old) {
    watch->removed = true;
    watch->timer.cancel();
  }
}

asio::awaitable<void> Prober::drive(std::shared_ptr<Watch> watch) {
  while (!watch->removed) {
    const auto started = std::chrono::steady_clock::now();
    ProbeOutcome outcome = co_await probe_once(tools_, watch->spec);
    if (watch->removed) break;
    note(*watch, std::move(outcome));
    watch->timer.expires_at(started + watch->spec->interval);
    co_await watch->timer.async_wait(asio::as_tuple(asio::use_awaitable));
  }
}

void Prober::note(Watch& watch, ProbeOutcome outcome) {
  auto facts = std::make_shared<ProbeFacts>(*watch.facts);
  log_change(*watch.spec, facts->last ? &*facts->last : nullptr, outcome);
  if (!outcome.succeeded()) ++facts->failures[static_cast<std::size_t>(outcome.fault)];
  for (std::size_t i = 0; i < outcome.phases.size(); ++i) facts->phases[i].observe(outcome.phases[i]);
  facts->last = std::move(outcome);
  watch.facts = std::move(facts);
  watch.board->post(watch.index, watch.facts);
}

void Prober::log_change(const ProbeSpec& spec, const ProbeOutcome* last, const ProbeOutcome& now) {
  const bool was_good = last == nullptr || last->succeeded();
  if (!now.succeeded() && (was_good || last->fault != now.fault)) {
    log_.warn_limited("probe/" + spec.name + "/" + std::string(name_of(now.fault)), "a probe fails",
                      {{"probe", spec.name},
                       {"target", spec.shown},
                       {"reason", name_of(now.fault)},
                       {"phase", kProbePhases[static_cast<std::size_t>(now.at)]},
                       {"error", now.detail}});
  } else if (now.succeeded() && !was_good) {
    log_.info("a probe succeeds again", {{"probe", spec.name}, {"target", spec.shown}});
  }
}

}  // namespace vitalsd
