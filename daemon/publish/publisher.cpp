#include "daemon/publish/publisher.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdio>
#include <utility>

#include "core/collector.h"
#include "daemon/run/on_pool.h"
#include "daemon/run/telemetry.h"

namespace vitalsd {
namespace asio = boost::asio;
using namespace std::chrono_literals;
namespace {

constexpr auto kQuietly = asio::as_tuple(asio::use_awaitable);
constexpr auto kLookEvery = 1s;

std::string block_name(std::uint64_t number) {
  std::array<char, 32> digits{};
  std::snprintf(digits.data(), digits.size(), "%012llu", static_cast<unsigned long long>(number));
  return std::string(kPublishedPrefix) + digits.data();
}

bool holds_any(const PushedGroup& group, const HiddenFamilies& names) {
  if (!group.content || names.empty()) return false;
  return std::ranges::any_of(group.content->read.families, [&](const auto& f) { return names.contains(f.name); });
}

}  // namespace

void Publisher::configure(const Config& config, bool first) {
  const bool begins = config.publish.enabled && !config_.enabled;
  if (!config.publish.enabled && config_.enabled) {
    for (const auto& [labels, entry] : entries_) store_.withdraw(block_name(entry.number));
  }
  config_ = config.publish;
  const auto own = Telemetry::families();
  registered_.assign(own.begin(), own.end());
  for (const auto& [name, collector] : config.collectors) {
    if (!collector.enabled) continue;
    const auto families = find_collector(name)->families;
    registered_.insert(registered_.end(), families.begin(), families.end());
  }
  if (!begins) return;
  if (config_.token.empty() && config.web.config_file.empty()) {
    log_.warn("whoever reaches the listener can publish",
              {{"remedy", "give --publish.token-file, or users in --web.config.file"}});
  }
  if (!std::exchange(removing_, true)) asio::co_spawn(loop_, remove_expired(), asio::detached);
  if (files_ || config.paths.state.empty()) {
    for (const auto& [labels, entry] : entries_) show(entry);
    return;
  }
  if (first) {
    use_files(GroupFiles::open(config.paths.state));
    if (files_) adopt(files_->load(config_.max_series));
  } else {
    asio::co_spawn(loop_, load(config.paths.state), asio::detached);
  }
}

void Publisher::use_files(std::expected<std::shared_ptr<GroupFiles>, std::string> opened) {
  unusable_ = opened ? std::string() : "nothing can be published: " + opened.error();
  if (opened) {
    files_ = *std::move(opened);
  } else {
    log_.error("nothing can be published", {{"error", opened.error()}, {"remedy", "give another --path.state"}});
  }
}

void Publisher::adopt(GroupFiles::Listing listing) {
  for (const std::string& fault : listing.faults) log_.warn("a published group is lost", {{"error", fault}});
  for (auto& [number, group] : listing.groups) {
    next_number_ = std::max(next_number_, number + 1);
    GroupLabels labels = group.labels;
    Entry entry{std::make_shared<const PushedGroup>(std::move(group)), nullptr, number};
    add_names(*entry.group, names_);
    entry.block = block_of(*entry.group, hidden_);
    if (const auto [place, is_new] = entries_.emplace(std::move(labels), std::move(entry)); is_new) show(place->second);
  }
  if (!entries_.empty()) log_.info("published groups are there again", {{"groups", std::to_string(entries_.size())}});
}

asio::awaitable<void> Publisher::load(std::string state) {
  co_await take_turn();
  struct Loading {
    std::string state;
    std::size_t most;
    std::expected<std::shared_ptr<GroupFiles>, std::string> files;
    GroupFiles::Listing listing;
  };
  const auto loading = std::make_shared<Loading>(Loading{std::move(state), config_.max_series, {}, {}});
  const std::function<void()> work = [loading] {
    loading->files = GroupFiles::open(loading->state);
    if (loading->files) loading->listing = (*loading->files)->load(loading->most);
  };
  co_await on_pool(loop_, pool_, SteadyTime::max(), work);
  use_files(loading->files);
  adopt(std::move(loading->listing));
  end_turn();
}

asio::awaitable<void> Publisher::take_turn() {
  if (busy_) {
    const auto turn = std::make_shared<asio::steady_timer>(loop_, SteadyTime::max());
    waiting_.push_back(turn);
    co_await turn->async_wait(kQuietly);  // whoever ends it hands the turn over
  }
  busy_ = true;
}

void Publisher::end_turn() {
  busy_ = !waiting_.empty();
  if (!busy_) return;
  waiting_.front()->cancel();
  waiting_.pop_front();
}

bool Publisher::is_expired(const PushedGroup& group) const {
  return group.expires != 0 && unix_seconds(clock_.now()) >= group.expires;
}

// Whoever is refused under ever new names must not take the places of those that are not.
bool Publisher::may_note_failure() const {
  return std::ranges::count_if(entries_, [](const auto& each) { return !each.second.group->content; }) <
         static_cast<std::ptrdiff_t>(kMostFailures);
}

asio::awaitable<std::optional<PushRefusal>> Publisher::commit(std::shared_ptr<Push> push) {
  co_await take_turn();
  const auto known = entries_.find(push->labels);
  const bool is_new = known == entries_.end();
  if (is_new && push->how != Push::How::remove && entries_.size() >= kMostGroups) {
    end_turn();
    co_return PushRefusal{413, "there are " + std::to_string(kMostGroups) + " groups already"};
  }
  push->now = unix_seconds(clock_.now());
  push->number = is_new ? next_number_++ : known->second.number;
  if (!is_new && (push->how == Push::How::remove || !is_expired(*known->second.group))) push->old = known->second.group;
  push->notes_failure = !is_new || may_note_failure();
  push->neighbours = neighbours_of(push->labels);
  push->hidden = hidden_;
  push->files = files_;
  const std::function<void()> work = [push] { push->run(); };
  co_await on_pool(loop_, pool_, SteadyTime::max(), work);
  if (push->changed) apply(*push);
  end_turn();
  if (push->refused) {
    log_.warn_limited("publish", "a push was refused",
                      {{"group", describe(push->labels)}, {"reason", push->refused->text}});
  }
  co_return push->refused;
}

void Publisher::apply(Push& push) {
  names_ = std::move(push.names);
  const auto known = entries_.find(push.labels);
  if (!push.group) {
    if (known == entries_.end()) return;
    store_.withdraw(block_name(known->second.number));
    entries_.erase(known);
    return;
  }
  Entry& entry = entries_[push.labels];
  entry = {push.group, push.block, push.number};
  show(entry);
}

void Publisher::show(const Entry& entry) {
  if (config_.enabled) store_.publish(block_name(entry.number), entry.block);
}

asio::awaitable<void> Publisher::remove_expired() {
  asio::steady_timer timer(loop_);
  for (;;) {
    timer.expires_after(kLookEvery);
    co_await timer.async_wait(kQuietly);
    std::vector<GroupLabels> expired;
    for (const auto& [labels, entry] : entries_) {
      if (is_expired(*entry.group)) expired.push_back(labels);
    }
    for (const GroupLabels& labels : expired) {
      co_await take_turn();
      const auto found = entries_.find(labels);
      if (found != entries_.end() && is_expired(*found->second.group)) {  // it may have been pushed anew
        const auto push = std::make_shared<Push>();
        push->labels = labels;
        push->how = Push::How::remove;
        push->number = found->second.number;
        push->old = found->second.group;
        push->neighbours = neighbours_of(labels);
        push->files = files_;
        const std::function<void()> work = [push] { push->run(); };
        co_await on_pool(loop_, pool_, SteadyTime::max(), work);
        if (push->changed) apply(*push);
      }
      end_turn();
    }
  }
}

void Publisher::for_each_own(const std::function<void(const Family&)>& use) {
  for (const Family* family : registered_) use(*family);
  store_.snapshot(snapshot_);
  std::vector<const Block*> ours;
  for (const auto& [labels, entry] : entries_) ours.push_back(entry.block.get());
  std::ranges::sort(ours);
  for (const auto& block : snapshot_) {
    if (std::ranges::binary_search(ours, block.get())) continue;
    for (const Block::Group& group : block->groups()) use(*group.family);
  }
  snapshot_.clear();  // blocks must not be held: their collectors fill them again
}

PushNeighbours Publisher::neighbours_of(const GroupLabels& labels) {
  PushNeighbours neighbours;
  for (const auto& [key, entry] : entries_) {
    if (key != labels && !is_expired(*entry.group)) neighbours.groups.push_back(entry.group);
  }
  for_each_own([&](const Family& family) { neighbours.own.add(family.name, family.kind); });
  neighbours.most_series = config_.max_series;
  return neighbours;
}

HiddenFamilies Publisher::find_hidden() {
  HiddenFamilies hidden;
  if (names_.empty()) return hidden;
  for_each_own([&](const Family& family) {
    for_each_sample_name(family.name, family.kind, [&](std::string_view name) {
      const std::string_view pushed = names_.owner_of(name);
      if (pushed.empty()) return;
      const bool may_stay = is_shared(pushed) && names_.in_the_way(family.name, family.kind).empty();
      if (!may_stay) hidden.emplace(pushed);
    });
  });
  return hidden;
}

void Publisher::refresh() {
  if (!config_.enabled || entries_.empty()) return;
  for (const auto& [labels, entry] : entries_) {
    if (is_expired(*entry.group)) store_.withdraw(block_name(entry.number));
  }
  if (HiddenFamilies hidden = find_hidden(); hidden != hidden_) hide(std::move(hidden));
}

void Publisher::hide(HiddenFamilies hidden) {
  HiddenFamilies changed;
  std::ranges::set_symmetric_difference(hidden, hidden_, std::inserter(changed, changed.end()));
  for (const std::string& name : hidden) {
    if (hidden_.contains(name)) continue;
    log_.warn_limited("publish/" + name, "a published family is left out: the daemon has one of this name by now",
                      {{"family", name}});
  }
  hidden_ = std::move(hidden);
  for (auto& [labels, entry] : entries_) {
    if (!holds_any(*entry.group, changed) || is_expired(*entry.group)) continue;
    entry.block = block_of(*entry.group, hidden_);
    show(entry);
  }
}

}  // namespace vitalsd
