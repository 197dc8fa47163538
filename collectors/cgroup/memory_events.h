// Notices at once that a process of a cgroup was killed for want of memory, and that a cgroup was made below the root
// (version 2: Documentation/admin-guide/cgroup-v2.rst, memory.events).
//   events.begin(files, true); for each cgroup: events.watch(files, "/a/b"); events.end(); loop: poll events.fd()
//   between rounds: for (const auto& id : events.killed()) ...; events.killed_end();
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "collectors/kit/wake_set.h"
#include "core/faults.h"
#include "core/fd.h"
#include "core/files.h"
#include "core/retry.h"

namespace vitalsd {

class MemoryEvents {
 public:
  static constexpr std::size_t kMostWatched = 1024;

  MemoryEvents();

  /// Readable when something changed, until begin() is called.
  int fd() const noexcept { return wake_.fd(); }
  /// Called on the loop when fd(), or another that is polled with it, is readable: whether a round may begin already,
  /// or a look at killed(). What may not yet is asked for again, as fd() stays readable. A storm of events costs at
  /// most a twentieth of a core; a kill does not wait for what other events have cost.
  bool woken(std::chrono::steady_clock::time_point now) noexcept;

  /// The cgroups that have had kills since the last round or the last call: to be told at once, before the round, which
  /// is still wanted. Lives until the next call.
  std::span<const std::string> killed();
  void killed_end(std::chrono::steady_clock::time_point begun, std::chrono::steady_clock::time_point ended);

  /// Before begin(): asks the system again for what it refused, when it is time.
  void renew(std::chrono::steady_clock::time_point now);
  /// What it refuses, so that kills of some cgroups are found out by rounds alone.
  std::optional<Error> lack() const;
  void report_lack(FaultSink& faults) const;

  /// Takes what has come; then every cgroup that is still there is named, and the others are forgotten. Only a kernel's
  /// `files` are watched, and only those of version 2 (`unified`).
  /// True after a kill, or when a cgroup may have been made: the walk is not to be left out.
  bool begin(const FileSource& files, bool unified);
  void watch(const FileSource& files, std::string_view id);
  /// The same for one outside of what `files` shows, by a descriptor of its directory, after `kills` of it were told.
  void watch_neighbour(int directory, std::string_view id, double kills);
  /// One that was named in this round or the one before is not there any more, though another may have its name.
  void left(std::string_view id);
  /// The cgroup that has gone and alone may have had the kills that its ancestor `id` has counted since the last round;
  /// empty when there is no such one. After all have been named; `begun` is as for end(), until when the view lives.
  std::string_view gone_below(std::string_view id, std::chrono::steady_clock::time_point begun);
  /// Kills that were seen in one of those, which has gone before they could be told; once.
  struct Gone {
    std::string id;
    std::uint64_t kills;
  };
  std::vector<Gone> gone_neighbours();
  void end(std::chrono::steady_clock::time_point begun, std::chrono::steady_clock::time_point ended);
  /// Begins anew: the file system may be another.
  void forget();

 private:
  /// Of a kill in it: it reached some limit, and the kernel tells a cgroup's next event 10 ms later, or never if that
  /// has gone by then; or it has had kills, or had gone before that could be seen.
  enum class Suspicion : std::uint8_t { none, weak, strong };
  struct Watched {
    int descriptor = -1;
    std::uint64_t round = 0;  ///< the last one that named it
    std::uint64_t kills = 0;
    bool refused = false;    ///< for want of something that there may be again
    Fd directory;            ///< of a neighbour
    std::uint64_t told = 0;  ///< of its kills
    bool left = false;       ///< since then
    bool remade = false;     ///< another had its name in the round before, whose suspicion this still is
    bool changed = false;    ///< lately: to be looked at
    bool looked = false;     ///< since it changed
    Suspicion suspicion = Suspicion::none;
    std::uint64_t raised = 0;  ///< the round in which, or after which, that was
  };
  using All = std::map<std::string, Watched, std::less<>>;

  void open_queue();
  void note_refused(int sys);
  bool is_due(const Watched& watched) const noexcept { return watched.round == 0 || (renewing_ && watched.refused); }
  void watch_root(const FileSource& files);
  All::value_type* meet(std::string_view id);
  void add(All::value_type& entry, const Result<Fd>& file);
  void remind() noexcept;
  void look();
  void forget_changes();
  void take();
  void made(std::string_view name);
  void check(All::value_type& entry);
  std::optional<std::uint64_t> kills(const All::value_type& entry);
  All::iterator erase(All::iterator entry);

  Fd inotify_, reminder_;
  WakeSet wake_{reminder_.get()};
  std::atomic<bool> reminded_ = false;
  std::mutex mutex_;  // of what follows: the loop looks while a round is under way
  Fd root_;
  int root_descriptor_ = -1;
  std::uint64_t round_ = 0;
  All watched_;
  std::unordered_map<int, All::value_type*> by_descriptor_;
  std::vector<All::value_type*> changed_, with_kills_;
  std::vector<std::string> killed_;
  bool telling_ = false;  ///< what killed() gave has not been told yet
  bool urgent_ = false, urgent_round_ = false;
  Retry retry_;
  bool renewing_ = false;
  std::optional<Error> lack_;
  bool lost_ = false;  ///< events: there were too many
  std::string path_;
  std::optional<std::chrono::steady_clock::time_point> calm_at_;  ///< when no kill follows any more what has woken
  std::chrono::steady_clock::time_point ended_{}, not_before_{}, not_urgently_before_{}, no_kill_before_{};
};

}  // namespace vitalsd
