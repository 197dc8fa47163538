#include "collectors/storage/directory_watch.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace vitalsd {
namespace {

constexpr std::uint32_t kChanges =
    IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF;
constexpr std::string_view kWhere = "inotify";
constexpr int kMostReads = 64;  // of one wake-up: the rest wakes the loop again

// These say that a directory is not what it was; the system is not to blame.
bool is_of_the_directory(int sys) {
  return sys == ENOENT || sys == ENOTDIR || sys == EACCES || sys == ELOOP || sys == ENAMETOOLONG;
}

}  // namespace

DirectoryWatch::DirectoryWatch(bool wanted, std::string_view suffix, Calls calls) : calls_(calls), suffix_(suffix) {
  if (!wanted) return;
  changed_ = required_fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd");
  wake_.emplace({changed_.get()});
}

bool DirectoryWatch::is_of_interest(const inotify_event& event) const noexcept {
  if (event.len == 0) return (event.mask & IN_IGNORED) == 0;  // the directory itself, or an overflow of the queue
  const std::string_view name(event.name, ::strnlen(event.name, event.len));
  return name.ends_with(suffix_);
}

bool DirectoryWatch::woken() noexcept {
  const int reader = reader_;
  alignas(inotify_event) std::array<char, 4096> buffer;
  for (int i = 0; reader >= 0 && i < kMostReads; ++i) {
    const ssize_t got = ::read(reader, buffer.data(), buffer.size());
    if (got <= 0) break;
    for (std::size_t at = 0; at < static_cast<std::size_t>(got);) {
      const auto& event = *reinterpret_cast<const inotify_event*>(buffer.data() + at);
      at += sizeof(inotify_event) + event.len;
      if (!is_of_interest(event) || is_changed_.exchange(true)) continue;
      const std::uint64_t one = 1;
      (void)!::write(changed_.get(), &one, sizeof one);
    }
  }
  return is_changed_ && std::chrono::steady_clock::now() >= Time(Time::duration(rested_));
}

void DirectoryWatch::begin(Time now, bool asked) noexcept {
  if (asked) rested_ = (std::chrono::steady_clock::now() + kRest).time_since_epoch().count();
  if (changed_) {
    std::uint64_t count = 0;
    (void)!::read(changed_.get(), &count, sizeof count);
  }
  is_changed_ = false;
  refused_ = 0;
  for (auto& [path, watched] : watched_) watched.seen = false;
  if (failing_ && now >= retry_) {
    pause_ = std::min<std::chrono::nanoseconds>(2 * pause_, kLongestPause);
    failing_ = false;
  }
}

Result<void> DirectoryWatch::open() {
  if (inotify_) return {};
  Fd made(calls_.init(IN_CLOEXEC | IN_NONBLOCK));
  if (!made) return fail(Errc::io, kWhere, errno);
  if (const auto added = wake_->add(made.get(), kWhere); !added) return added;
  inotify_ = std::move(made);
  reader_ = inotify_.get();
  return {};
}

Result<bool> DirectoryWatch::add(const std::string& directory, Time now) {
  if (!wake_) return false;
  const auto known = watched_.find(directory);
  // One that is watched is asked for all the same: the name may be another directory's by now.
  if (failing_ && known == watched_.end()) {
    ++refused_;
    return false;
  }
  const auto refuse = [&](const Error& error) -> Result<bool> {
    ++refused_;
    failing_ = true;
    retry_ = now + pause_;
    return fail(error);
  };
  if (const auto opened = open(); !opened) return refuse(opened.error());
  if (known == watched_.end() && watched_.size() == kMost) return refuse({Errc::too_large, 0, kWhere});
  const int id = calls_.add(inotify_.get(), directory.c_str(), kChanges | IN_ONLYDIR);
  if (id < 0 && is_of_the_directory(errno)) return false;
  if (id < 0) return refuse({Errc::io, errno, kWhere});
  if (known == watched_.end()) {
    watched_.emplace(directory, Watched{id, true});
  } else {
    known->second = {id, true};
  }
  if (refused_ == 0) pause_ = kFirstPause;
  return true;
}

void DirectoryWatch::end() noexcept {
  std::erase_if(watched_, [this](const auto& entry) {
    const auto& watched = entry.second;
    if (watched.seen) return false;
    // A directory that has two names is watched once.
    const bool shared = std::ranges::any_of(
        watched_, [&](const auto& other) { return other.second.seen && other.second.id == watched.id; });
    if (!shared) ::inotify_rm_watch(inotify_.get(), watched.id);
    return true;
  });
}

}  // namespace vitalsd
