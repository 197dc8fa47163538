#include "daemon/incidents/reports.h"

#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>
#include <ctime>
#include <functional>
#include <ranges>

#include "daemon/incidents/report_files.h"
#include "daemon/run/on_pool.h"
#include "daemon/service/json_text.h"

namespace vitalsd {
namespace json = boost::json;
using namespace std::chrono_literals;
namespace {

constexpr auto kDiskPatience = 5s;
constexpr std::size_t kTimeLength = 20;  // 20261125T214500.123Z

std::string id_at(std::chrono::system_clock::time_point at, EventKind kind) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch()).count();
  const std::time_t whole = ms / 1000;
  std::tm utc{};
  ::gmtime_r(&whole, &utc);
  std::array<char, 64> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y%m%dT%H%M%S", &utc);
  std::snprintf(text.data() + size, text.size() - size, ".%03dZ-", static_cast<int>(ms % 1000));
  return std::string(text.data()).append(name_of(kind));
}

// "20261125T214500.123Z" -> "2026-11-25T21:45:00.123Z".
std::string iso_time(std::string_view id) {
  std::string text(id.substr(0, kTimeLength));
  for (const auto& [at, mark] : {std::pair{13, ':'}, {11, ':'}, {6, '-'}, {4, '-'}}) {
    text.insert(static_cast<std::size_t>(at), 1, mark);
  }
  return text;
}

}  // namespace

std::string_view cause_of(std::string_view id) {
  if (id.size() <= kTimeLength + 1 || id[kTimeLength] != '-') return {};
  for (std::size_t i = 0; i < kTimeLength; ++i) {
    const char expected =
        "dddddddd"
        "T"
        "dddddd"
        "."
        "ddd"
        "Z"[i];
    const bool digit = id[i] >= '0' && id[i] <= '9';
    if (expected == 'd' ? !digit : id[i] != expected) return {};
  }
  const std::string_view cause = id.substr(kTimeLength + 1);
  for (std::size_t kind = 0; kind < kEventKinds; ++kind) {
    if (cause == name_of(static_cast<EventKind>(kind))) return name_of(static_cast<EventKind>(kind));
  }
  return {};
}

void Reports::configure(const std::string& directory, std::size_t keep) {
  directory_ = directory.empty() ? std::string() : directory + "/reports";
  keep_ = keep;
}

boost::asio::awaitable<void> Reports::load() {
  if (directory_.empty()) co_return;
  struct Found {
    std::string directory;
    std::vector<report_files::Found> files;
  };
  const auto found = std::make_shared<Found>(Found{directory_, {}});
  const std::function<void()> look = [found] { found->files = report_files::list(found->directory); };
  const auto deadline = std::chrono::steady_clock::now() + kDiskPatience;
  const bool done = co_await on_pool(loop_, pool_, deadline, look);
  if (!done) co_return;
  for (const auto& file : found->files) {
    const bool known = std::ranges::find(entries_, file.name, &Entry::id) != entries_.end();  // made meanwhile
    if (!known && !cause_of(file.name).empty()) entries_.push_back({file.name, file.size, nullptr});
  }
  std::ranges::sort(entries_, {}, &Entry::id);
  const auto removed = std::make_shared<std::vector<std::string>>();
  make_room(*removed);
  const std::function<void()> remove = [directory = directory_, removed] {
    for (const std::string& old : *removed) report_files::remove(directory, old);
  };
  if (!removed->empty()) co_await on_pool(loop_, pool_, deadline, remove);
}

void Reports::make_room(std::vector<std::string>& removed) {
  const auto in_memory = [this] {
    std::size_t sum = 0;
    for (const Entry& entry : entries_) sum += entry.text ? entry.text->size() : 0;
    return sum;
  };
  while (entries_.size() > keep_ || (directory_.empty() && entries_.size() > 1 && in_memory() > kMostInMemory)) {
    // A storm of one cause must not drive out the only report of another.
    std::map<std::string_view, std::size_t> counts;
    for (const Entry& entry : entries_) ++counts[cause_of(entry.id)];
    const auto most = std::ranges::max_element(counts, {}, [](const auto& count) { return count.second; })->first;
    const auto oldest = std::ranges::find_if(entries_, [&](const Entry& e) { return cause_of(e.id) == most; });
    removed.push_back(oldest->id);
    entries_.erase(oldest);
  }
}

boost::asio::awaitable<Reports::Kept> Reports::add(EventKind kind, std::chrono::system_clock::time_point at,
                                                   std::string text) {
  std::string id = id_at(at, kind);
  while (std::ranges::find(entries_, id, &Entry::id) != entries_.end()) id = id_at(at += 1ms, kind);
  const auto body = std::make_shared<const std::string>(std::move(text));
  entries_.push_back({id, body->size(), body});  // listed at once, so it must be had at once
  std::vector<std::string> removed;
  make_room(removed);
  if (directory_.empty()) co_return Kept{id, {}};
  struct Writing {
    std::string directory, id, error;
    std::shared_ptr<const std::string> body;
    std::vector<std::string> removed;
  };
  const auto writing = std::make_shared<Writing>(Writing{directory_, id, {}, body, std::move(removed)});
  const std::function<void()> write = [writing] {
    if (const auto written = report_files::write(writing->directory, writing->id, *writing->body); !written) {
      writing->error = describe(written.error());
    }
    for (const std::string& old : writing->removed) report_files::remove(writing->directory, old);
  };
  const auto deadline = std::chrono::steady_clock::now() + kDiskPatience;
  const bool done = co_await on_pool(loop_, pool_, deadline, write);
  std::string error = done ? writing->error : "the disk did not answer within 5 s";
  const auto entry = std::ranges::find(entries_, id, &Entry::id);
  if (entry != entries_.end() && error.empty()) entry->text.reset();
  if (entry != entries_.end() && !error.empty()) entries_.erase(entry);
  co_return Kept{id, error};
}

boost::asio::awaitable<std::shared_ptr<const std::string>> Reports::text_of(std::string id) {
  const auto found = std::ranges::find(entries_, id, &Entry::id);
  if (found == entries_.end()) co_return nullptr;
  if (found->text) co_return found->text;
  struct Reading {
    std::string directory, id;
    std::shared_ptr<const std::string> text;
  };
  const auto reading = std::make_shared<Reading>(Reading{directory_, std::move(id), nullptr});
  const std::function<void()> read = [reading] {
    std::string text;
    if (report_files::read(reading->directory, reading->id, text)) {
      reading->text = std::make_shared<const std::string>(std::move(text));
    }
  };
  const auto deadline = std::chrono::steady_clock::now() + kDiskPatience;
  const bool done = co_await on_pool(loop_, pool_, deadline, read);
  co_return done ? reading->text : nullptr;
}

std::string Reports::list() const {
  json::array reports;
  for (const Entry& entry : std::views::reverse(entries_)) {
    reports.push_back(json::object{{"id", entry.id},
                                   {"time", iso_time(entry.id)},
                                   {"cause", cause_of(entry.id)},
                                   {"size", entry.size},
                                   {"url", "/api/v1/reports?id=" + entry.id}});
  }
  return json_text(json::object{{"status", "success"}, {"data", std::move(reports)}}) + "\n";
}

}  // namespace vitalsd
