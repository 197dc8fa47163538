#include "daemon/merge/merger.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "core/collector.h"
#include "core/utf8.h"
#include "daemon/merge/merge_collector.h"
#include "daemon/publish/group.h"
#include "daemon/run/on_pool.h"

namespace vitalsd {
namespace asio = boost::asio;
using SteadyTime = std::chrono::steady_clock::time_point;
namespace {

constexpr std::string_view kContent = "content";  // the reason of an answer that is no exposition

// One answer, read on the pool.
struct Understanding {
  std::shared_ptr<MergeContent> content = std::make_shared<MergeContent>();
  std::string content_type;
  std::size_t max_series = 0;
  std::string fault;

  void run() noexcept {
    try {
      fault = read();
    } catch (const std::exception& error) {
      fault = error.what();
    }
  }

 private:
  std::string read() {
    if (content_type.starts_with("application/vnd.google.protobuf")) return "it is protobuf, not text";
    if (content_type.starts_with("application/openmetrics-text")) return "it is OpenMetrics only; 0.0.4 is needed";
    if (find_no_text(content->text) != std::string::npos) return "it is not UTF-8 text";
    const auto error = exposition::parse(content->text, {.samples = max_series}, content->read);
    if (!error) return {};
    return "line " + std::to_string(error->line) + ", column " + std::to_string(error->column) + ": " +
           std::string(error->what);
  }
};

}  // namespace

struct Merger::Watch {
  Watch(asio::io_context& loop, std::shared_ptr<const MergeSpec> what) : spec(std::move(what)), timer(loop) {}

  std::shared_ptr<const MergeSpec> spec;
  std::shared_ptr<MergeBoard> board;
  std::size_t index = 0;  ///< on the board
  MergeState state;
  bool failed = false;  ///< as last logged
  asio::steady_timer timer;
  bool removed = false;
};

void Merger::use(std::shared_ptr<MergeBoard> board, const Config& config) {
  registered_.clear();
  external_.clear();
  for (const auto& [name, value] : config.external_labels) external_.push_back(name);
  for (const CollectorSpec& spec : registered_collectors()) {
    const auto found = config.collectors.find(spec.name);
    if (found == config.collectors.end() || !found->second.enabled) continue;
    registered_.insert(registered_.end(), spec.families.begin(), spec.families.end());
  }
  const bool same = board == board_;
  board_ = std::move(board);
  if (board_) post_neighbours();
  if (same) return;
  auto old = std::exchange(watches_, {});
  const std::size_t count = board_ ? board_->specs().size() : 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto& spec = board_->specs()[i];
    const auto known = old.find(spec->fetch.name);
    std::shared_ptr<Watch> watch;
    const bool stays = known != old.end() && known->second->spec->fetch.record == spec->fetch.record;
    if (stays) {
      watch = known->second;
      old.erase(known);
    } else {
      watch = std::make_shared<Watch>(tools_.loop, spec);
      if (known != old.end() && known->second->spec->fetch.target == spec->fetch.target)
        watch->state.failures = known->second->state.failures;
    }
    watch->board = board_;
    watch->index = i;
    board_->post(i, watch->state);
    watches_.emplace(spec->fetch.name, watch);
    if (!stays) asio::co_spawn(tools_.loop, drive(watch), asio::detached);
  }
  for (const auto& [name, watch] : old) {
    watch->removed = true;
    watch->timer.cancel();
  }
}

asio::awaitable<void> Merger::drive(std::shared_ptr<Watch> watch) {
  while (!watch->removed) {
    const auto started = std::chrono::steady_clock::now();
    co_await ask(watch);
    if (watch->removed) break;
    watch->timer.expires_at(started + watch->spec->fetch.interval);
    co_await watch->timer.async_wait(asio::as_tuple(asio::use_awaitable));
  }
}

asio::awaitable<void> Merger::ask(std::shared_ptr<Watch> watch) {
  const std::shared_ptr<const ProbeSpec> fetch(watch->spec, &watch->spec->fetch);
  ProbeAnswer answer = co_await fetch_once(tools_, fetch);
  watch->state.duration = answer.outcome.duration;
  std::string reason, detail;
  std::shared_ptr<const MergeContent> content;
  if (answer.outcome.succeeded()) {
    const auto reading = std::make_shared<Understanding>();
    reading->content->text = std::move(answer.body);
    reading->content_type = std::move(answer.content_type);
    reading->max_series = watch->spec->max_series;
    const std::function<void()> work = [reading] { reading->run(); };
    co_await on_pool(tools_.loop, pool_, SteadyTime::max(), work);
    detail = reading->fault;
    if (detail.empty()) content = reading->content;
    if (!detail.empty()) reason = kContent;
  } else {
    reason = name_of(answer.outcome.fault);
    detail = answer.outcome.detail;
  }
  if (watch->removed) co_return;
  watch->state.content = std::move(content);
  note(*watch, std::move(reason), detail);
}

void Merger::note(Watch& watch, std::string reason, const std::string& detail) {
  const ProbeSpec& fetch = watch.spec->fetch;
  const bool failed = !reason.empty();
  if (failed && !watch.failed) {
    log_.warn_limited("merge/" + fetch.name + "/" + reason, "a source of metrics fails",
                      {{"source", fetch.name}, {"target", fetch.shown}, {"reason", reason}, {"error", detail}});
  } else if (!failed && watch.failed) {
    log_.info("a source of metrics answers again", {{"source", fetch.name}, {"target", fetch.shown}});
  }
  watch.failed = failed;
  watch.state.known = true;
  if (failed) ++watch.state.failures[std::move(reason)];
  post_neighbours();
  watch.board->post(watch.index, watch.state);
}

std::vector<const Family*> Merger::families_of_others() {
  std::vector<const Family*> all = registered_;
  store_.snapshot(snapshot_);
  const Block* merged = store_.find(kMergeCollector);
  for (const auto& block : snapshot_) {
    if (block.get() == merged) continue;
    for (const Block::Group& group : block->groups()) all.push_back(group.family);
  }
  return all;
}

void Merger::post_neighbours() {
  auto neighbours = std::make_shared<MergeNeighbours>();
  for (const Family* family : families_of_others()) neighbours->names.add(family->name, family->kind);
  neighbours->external_labels = external_;
  snapshot_.clear();  // blocks must not be held: their collectors fill them again
  board_->post(std::move(neighbours));
}

void Merger::refresh() {
  if (!board_ || watches_.empty() || checked_ == store_.epoch()) return;
  checked_ = store_.epoch();
  const Block* merged = store_.find(kMergeCollector);
  if (merged == nullptr) return;
  NameBook book;
  for (const Block::Group& group : merged->groups()) {
    if (!group.family->name.starts_with("vitalsd_merge_")) book.add(group.family->name, group.family->kind);
  }
  if (book.empty()) return;
  bool conflicts = false;
  for (const Family* family : families_of_others()) {
    for_each_sample_name(family->name, family->kind, [&](std::string_view name) {
      const std::string_view taken = book.owner_of(name);
      if (taken.empty()) return;
      conflicts = conflicts || !is_shared(taken) || !book.in_the_way(family->name, family->kind).empty();
    });
  }
  snapshot_.clear();
  if (!conflicts) return;
  post_neighbours();
  store_.withdraw(kMergeCollector);
  checked_ = store_.epoch();
}

}  // namespace vitalsd
