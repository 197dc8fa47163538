#include "collectors/cgroup/memory_events.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "collectors/cgroup/hierarchy.h"
#include "core/scan.h"
#include "core/untrusted.h"

namespace vitalsd {
namespace {

constexpr int kCostShare = 20;  // a round that nobody planned is worth a twentieth of the time
// A limit is reached just before there is a kill, of which the kernel would tell 10 ms later
// (mm/memcontrol.c memcg_memory_event(), kernel/cgroup/cgroup.c CGROUP_FILE_NOTIFY_MIN_INTV).
constexpr std::chrono::milliseconds kKillFollows{12};
constexpr std::size_t kMostLooks = 64;  // at files on the loop; when more have changed, a round looks

constexpr std::chrono::seconds kSoon{1};  // rounds that are so close may have seen halves of the same kill
constexpr std::string_view kKills = "\noom_kill ";
constexpr const char* kFile = "memory.events";

// When the next may begin, so that all together take their share of the time.
std::chrono::steady_clock::time_point after(std::chrono::steady_clock::time_point begun,
                                            std::chrono::steady_clock::time_point ended) {
  return ended + (ended - begun) * (kCostShare - 1);
}

}  // namespace

MemoryEvents::MemoryEvents() : reminder_(required_fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd")) {
  open_queue();
}

// A user may have 128 of them by default (fs.inotify.max_user_instances), which is soon used up on a node of
// containers.
void MemoryEvents::open_queue() {
  inotify_.reset(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!inotify_) return note_refused(errno);
  if (const auto added = wake_.add(inotify_.get(), "inotify"); !added) note_refused(added.error().sys);
}

void MemoryEvents::note_refused(int sys) {
  if (is_exhausted(sys)) lack_ = Error{Errc::io, sys, "inotify"};
}

std::optional<Error> MemoryEvents::lack() const { return root_ ? lack_ : std::nullopt; }

void MemoryEvents::report_lack(FaultSink& faults) const {
  constexpr std::string_view kRemedy = "raise fs.inotify.max_user_instances and fs.inotify.max_user_watches";
  if (const auto lacking = lack()) faults.partial("cgroups", "inotify", *lacking, kRemedy);
}

void MemoryEvents::renew(std::chrono::steady_clock::time_point now) {
  const std::scoped_lock lock(mutex_);
  renewing_ = lack_ && retry_.due(now);
  if (!lack_) retry_.granted();
  if (!renewing_) return;
  retry_.asked(now);
  lack_.reset();
  if (!inotify_) open_queue();
}

bool MemoryEvents::woken(std::chrono::steady_clock::time_point now) noexcept {
  // Until a round has begun: one that is under way has perhaps read too early, and another cause than ours tells once.
  remind();
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock) return false;  // a round is under way
  look();
  if (!calm_at_) calm_at_ = now + kKillFollows;
  const bool calm = now >= *calm_at_;
  if (calm) forget_changes();
  if (!with_kills_.empty() && now >= no_kill_before_) return true;
  return urgent_ ? now >= not_urgently_before_ : calm && now >= not_before_;
}

std::span<const std::string> MemoryEvents::killed() {
  const std::scoped_lock lock(mutex_);
  killed_.clear();
  for (const auto* entry : with_kills_) killed_.push_back(entry->first);
  with_kills_.clear();
  telling_ = !killed_.empty();
  return killed_;
}

void MemoryEvents::killed_end(std::chrono::steady_clock::time_point begun,
                              std::chrono::steady_clock::time_point ended) {
  const std::scoped_lock lock(mutex_);
  telling_ = false;
  no_kill_before_ = after(begun, ended);
}

bool MemoryEvents::begin(const FileSource& files, bool unified) {
  const std::scoped_lock lock(mutex_);
  eventfd_t ignored = 0;
  if (reminded_.exchange(false)) ::eventfd_read(reminder_.get(), &ignored);
  if (unified && files.is_kernel() && (!root_ || (renewing_ && root_descriptor_ < 0))) watch_root(files);
  look();
  ++round_;
  if (std::exchange(lost_, false)) {
    for (auto each = watched_.begin(); each != watched_.end();) each = erase(each);
  }
  urgent_round_ = std::exchange(urgent_, false);
  forget_changes();
  with_kills_.clear();
  calm_at_.reset();
  return urgent_round_;
}

// The root has no memory.events; its directory tells of new ones, which have nobody above who would.
void MemoryEvents::watch_root(const FileSource& files) {
  if (!root_) root_.reset(files.open(".").value_or(-1));
  if (!root_) return;
  path_.assign("/proc/self/fd/").append(std::to_string(root_.get()));
  root_descriptor_ = ::inotify_add_watch(inotify_.get(), path_.c_str(), IN_CREATE | IN_ONLYDIR);
  if (root_descriptor_ < 0 && inotify_) note_refused(errno);
}

void MemoryEvents::watch(const FileSource& files, std::string_view id) {
  const std::scoped_lock lock(mutex_);
  auto* const entry = root_ ? meet(id) : nullptr;
  if (entry == nullptr) return;
  // The root has none, nor has a cgroup without the controller.
  if (is_due(entry->second)) {
    const auto opened = files.open(cgroup_file(path_, "", id, kFile));
    add(*entry, opened ? Result<Fd>(Fd(*opened)) : fail(opened.error()));
  }
  entry->second.round = round_;
}

void MemoryEvents::watch_neighbour(int directory, std::string_view id, double kills) {
  const std::scoped_lock lock(mutex_);
  auto* const entry = root_ ? meet(id) : nullptr;
  if (entry == nullptr) return;
  Watched& watched = entry->second;
  if (is_due(watched)) {
    if (!watched.directory) watched.directory.reset(::fcntl(directory, F_DUPFD_CLOEXEC, 0));
    add(*entry, open_below(directory, kFile));
  }
  watched.round = round_;
  if (kills >= 0) watched.told = static_cast<std::uint64_t>(kills);
}

// The entry of what has the name now, its round 0 when it is new. Null: there are too many.
MemoryEvents::All::value_type* MemoryEvents::meet(std::string_view id) {
  auto found = watched_.find(id);
  auto inherited = Suspicion::none;
  if (found != watched_.end() && (found->second.left || found->second.round + 1 < round_)) {
    if (found->second.round + 1 >= round_) inherited = found->second.suspicion;
    erase(found);  // another one
    found = watched_.end();
  }
  if (found == watched_.end()) {
    if (watched_.size() >= kMostWatched) return nullptr;
    found = watched_.emplace(id, Watched{}).first;
    found->second.suspicion = inherited;
    found->second.remade = inherited != Suspicion::none;
  }
  return &*found;
}

void MemoryEvents::add(All::value_type& entry, const Result<Fd>& file) {
  const auto refused = [&](int sys) {
    entry.second.refused = is_exhausted(sys);
    note_refused(sys);
  };
  if (!file) return refused(file.error().sys);
  if (!*file) return;  // of a fake
  if (!inotify_) {     // which is known to lack
    entry.second.refused = true;
    return;
  }
  path_.assign("/proc/self/fd/").append(std::to_string(file->get()));
  entry.second.descriptor = ::inotify_add_watch(inotify_.get(), path_.c_str(), IN_MODIFY);
  if (entry.second.descriptor < 0) return refused(errno);
  entry.second.refused = false;
  by_descriptor_.insert_or_assign(entry.second.descriptor, &entry);
  entry.second.kills = kills(entry).value_or(0);  // after that: later ones are told
}

void MemoryEvents::remind() noexcept {
  ::eventfd_write(reminder_.get(), 1);
  reminded_ = true;  // a round that begins in between leaves it readable, and a round too many follows
}

// On the loop, too. These files are a few counters, which the kernel writes down without waiting for anything; at every
// limit that is reached they change, and a round for each would leave no time for the one that follows a kill.
void MemoryEvents::look() {
  if (!root_) return;
  take();
  if (changed_.size() > kMostLooks) urgent_ = true;
  for (std::size_t i = 0; i < std::min(changed_.size(), kMostLooks); ++i) check(*changed_[i]);
}

void MemoryEvents::forget_changes() {
  for (auto* entry : changed_) entry->second.changed = false;
  changed_.clear();
}

void MemoryEvents::take() {
  alignas(inotify_event) std::array<char, 4096> buffer{};
  // NOLINTNEXTLINE(clang-analyzer-unix.BlockInCriticalSection): it does not block, IN_NONBLOCK
  for (ssize_t size = 0; (size = ::read(inotify_.get(), buffer.data(), buffer.size())) > 0;) {
    for (ssize_t at = 0; at < size;) {
      inotify_event event{};
      std::memcpy(&event, buffer.data() + at, sizeof event);
      const char* const name = buffer.data() + at + sizeof event;
      at += static_cast<ssize_t>(sizeof event + event.len);
      if ((event.mask & IN_Q_OVERFLOW) != 0) lost_ = urgent_ = true;
      if (event.wd == root_descriptor_ && (event.mask & IN_ISDIR) != 0) made(name);
      const auto found = by_descriptor_.find(event.wd);
      if (found == by_descriptor_.end() || (event.mask & IN_MODIFY) == 0) continue;
      if (!std::exchange(found->second->second.changed, true)) changed_.push_back(found->second);
      found->second->second.looked = false;
    }
  }
}

// What had its name is another's, with all that was below.
void MemoryEvents::made(std::string_view name) {
  urgent_ = true;
  std::string id("/");
  id.append(name);
  if (const auto same = watched_.find(id); same != watched_.end()) same->second.left = true;
  id.push_back('/');
  for (auto each = watched_.lower_bound(id); each != watched_.end() && each->first.starts_with(id); ++each) {
    each->second.left = true;
  }
}

void MemoryEvents::check(All::value_type& entry) {
  Watched& watched = entry.second;
  watched.suspicion = std::max(watched.suspicion, Suspicion::weak);
  watched.raised = round_;
  const bool looked = std::exchange(watched.looked, true);
  const auto now = kills(entry);
  if (now ? *now <= watched.kills : looked) return;
  watched.kills = now.value_or(watched.kills);
  watched.suspicion = Suspicion::strong;
  urgent_ = true;
  if (now && std::ranges::find(with_kills_, &entry) == with_kills_.end()) with_kills_.push_back(&entry);
}

std::optional<std::uint64_t> MemoryEvents::kills(const All::value_type& entry) {
  const Fd& own = entry.second.directory;
  if (!own) cgroup_file(path_, "", entry.first, kFile);
  const Fd file = own ? open_below(own.get(), kFile).value_or(Fd())
                      : Fd(::openat(root_.get(), path_.c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, 1024> text{};
  const ssize_t size = file ? ::pread(file.get(), text.data(), text.size(), 0) : -1;
  if (size <= 0) return std::nullopt;
  const std::string_view all(text.data(), static_cast<std::size_t>(size));
  const std::size_t key = all.find(kKills);
  if (key == std::string_view::npos) return 0;
  Scan scan(all.substr(key + kKills.size()), "memory.events");
  return scan.integer<std::uint64_t>();
}

void MemoryEvents::left(std::string_view id) {
  const std::scoped_lock lock(mutex_);
  if (const auto found = watched_.find(id); found != watched_.end()) found->second.left = true;
}

std::string_view MemoryEvents::gone_below(std::string_view id, std::chrono::steady_clock::time_point begun) {
  const std::scoped_lock lock(mutex_);
  look();
  if (urgent_) remind();  // what was read before it changed is to be read again
  path_.assign(id == "/" ? "" : id).append("/");
  const bool soon = begun < ended_ + kSoon;
  std::string_view only;
  auto most = Suspicion::weak;
  bool alone = true;
  for (auto each = watched_.lower_bound(path_); each != watched_.end() && each->first.starts_with(path_); ++each) {
    Watched& watched = each->second;
    if (watched.directory) continue;
    const std::uint64_t missed = round_ - watched.round;
    if (missed == 0 && !watched.left && !watched.remade) continue;
    const auto suspicion = std::exchange(watched.suspicion, Suspicion::none);
    if (suspicion < most || (!soon && missed > (watched.left ? 0 : 1))) continue;
    if (suspicion > most) only = {};
    // Those above it have counted the same.
    const bool below = each->first.starts_with(only) && (only.empty() || each->first[only.size()] == '/');
    alone = (alone || suspicion > most) && below;
    most = suspicion;
    only = each->first;
  }
  return alone ? only : std::string_view();
}

std::vector<MemoryEvents::Gone> MemoryEvents::gone_neighbours() {
  const std::scoped_lock lock(mutex_);
  std::vector<Gone> gone;
  for (auto& [id, watched] : watched_) {
    if (!watched.directory || watched.round == round_ || watched.kills <= watched.told) continue;
    gone.push_back({id, watched.kills - std::exchange(watched.told, watched.kills)});
  }
  return gone;
}

// What has gone is kept for one round more: the one above it may have been read before it was killed.
void MemoryEvents::end(std::chrono::steady_clock::time_point begun, std::chrono::steady_clock::time_point ended) {
  const std::scoped_lock lock(mutex_);
  for (auto each = watched_.begin(); each != watched_.end();) {
    Watched& watched = each->second;
    // What is seen while the round is under way was perhaps read before; and a kill may follow a limit after that.
    const std::uint64_t lasts = watched.suspicion == Suspicion::weak ? 1 : 0;
    const bool over = watched.raised + lasts < round_;
    if (watched.round == round_ && !watched.left && over) watched.suspicion = Suspicion::none;
    watched.remade = false;
    each = watched.round + 1 >= round_ ? std::next(each) : erase(each);
  }
  ended_ = ended;
  not_before_ = after(begun, ended);
  if (urgent_round_) not_urgently_before_ = not_before_;
  if (std::exchange(telling_, false)) no_kill_before_ = not_before_;  // it took a round to tell them
}

MemoryEvents::All::iterator MemoryEvents::erase(All::iterator entry) {
  if (entry->second.descriptor >= 0) {
    ::inotify_rm_watch(inotify_.get(), entry->second.descriptor);
    by_descriptor_.erase(entry->second.descriptor);
  }
  std::erase(changed_, &*entry);
  std::erase(with_kills_, &*entry);
  return watched_.erase(entry);
}

void MemoryEvents::forget() {
  const std::scoped_lock lock(mutex_);
  for (auto each = watched_.begin(); each != watched_.end();) each = erase(each);
  if (root_descriptor_ >= 0) ::inotify_rm_watch(inotify_.get(), root_descriptor_);
  root_descriptor_ = -1;
  root_.reset();
}

}  // namespace vitalsd
