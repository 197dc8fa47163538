// Assigns every process to its group and adds up what the groups use, as process-exporter does: processes that exist
// when the daemon starts are the baseline, later ones count in full, and what ended processes used stays in the totals.
//   tracker.update(context, source); for (const auto& [name, group] : tracker.groups()) ...
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "collectors/process/groups/child_times.h"
#include "collectors/process/groups/facts_reader.h"
#include "collectors/process/groups/group.h"
#include "collectors/process/groups/group_rules.h"
#include "collectors/process/sources/exit_events.h"
#include "collectors/process/sources/process_source.h"
#include "collectors/process/sources/smaps_reader.h"
#include "collectors/process/sources/thread_reader.h"

namespace vitalsd {

struct GroupOptions {
  bool children = true;  ///< a process without a group joins the group of its nearest ancestor that has one
  bool threads = false;
  bool smaps = false;
  bool recheck = false;                       ///< match processes without a group again in each round
  std::chrono::nanoseconds recheck_limit{0};  ///< only for this long after their start; 0: always
  bool remove_empty = false;
  std::chrono::nanoseconds empty_for{
      0};  ///< how long a group without processes is kept before it goes into `other`; 0: always
  bool histograms = false;
  bool resident_types = false;
  std::size_t max_groups = 1000;
  std::uint64_t smaps_limit = 0;  ///< smaps is not read of processes with more resident bytes
  std::size_t top = 0;            ///< how many of the largest groups are published; 0: all
  bool top_by_memory = false;     ///< by memory instead of CPU use
  std::chrono::nanoseconds sample_interval = std::chrono::seconds(1);
};

/// Counters of process-exporter about its own work, and our count of folded processes.
struct GroupErrors {
  std::uint64_t scrapes = 0;    ///< rounds without a result
  std::uint64_t processes = 0;  ///< processes of which not even stat could be read
  std::uint64_t partial = 0;    ///< processes of a group with an unreadable field
  std::uint64_t folded = 0;     ///< processes that went to `other` because there were too many groups
};

class GroupTracker {
 public:
  static constexpr std::string_view kOther = "other";

  GroupTracker(GroupOptions options, GroupRules rules);

  /// Returns the processes that have ended since the previous call.
  using Ended = std::function<std::span<const ProcessExit>()>;

  /// Does one round. Calls `ended` after it has looked at all processes. The kernel reports an exit slightly later than
  /// others can see it (kernel/exit.c do_exit()), so missing processes stay known for one more round.
  Result<void> update(CollectContext& context, ProcessSource& source, const Ended& ended = {});

  const std::map<std::string, Group, std::less<>>& groups() const noexcept { return groups_; }
  const GroupErrors& errors() const noexcept { return errors_; }
  /// Nanoseconds of CPU of processes in no group, including those that no round saw, since the daemon started.
  std::uint64_t other_cpu() const noexcept { return other_cpu_; }
  /// Seconds since 1970; empty if the kernel did not report it.
  std::optional<std::uint64_t> boot_time() const noexcept { return boot_time_; }
  const GroupOptions& options() const noexcept { return options_; }
  /// Whether a group is dropped when its processes were seen in only one sample. Where processes come and go quickly,
  /// each would otherwise leave a group behind that less frequent scrapes never show.
  void forget_fleeting(bool yes) noexcept { forget_fleeting_ = yes; }
  std::uint64_t smaps_skipped() const noexcept { return smaps_reader_.too_large(); }
  /// The time between the last two samples of usage; empty before the second.
  std::optional<std::chrono::nanoseconds> sampled_after() const noexcept { return sampled_after_; }
  /// When the last round began.
  std::chrono::system_clock::time_point now() const noexcept { return now_; }
  /// Appends the state that lets counters continue after a restart on the same boot.
  void save(std::string& out) const;
  /// Restores what save() wrote; call before the first update. Malformed: the text is something else, and nothing was
  /// restored. Processes that other rules assigned are matched again.
  Result<void> restore(std::string_view text);
  /// Creates the groups that rules name literally, so that an alert can notice that they are empty.
  void expect_literal_names();

 private:
  struct Thread {
    ProcessId id;
    ProcessCounts last;
  };
  struct Process {
    ProcessId id;
    Group* group = nullptr;  // null: in no group
    std::uint64_t seen = 0;  // in which round
    std::int32_t parent = 0;
    std::uint32_t exec_id = 0;
    bool settled = false;  // whether `group` is final
    bool steady = false;   // unchanged since the previous round
    Has has = Has::none;   // the fields of `last` that were readable
    ProcessCounts last;
    std::uint64_t children = 0;   // ns of waited-for children
    std::vector<Thread> threads;  // by tid
    bool restored = false;        // an earlier daemon counted its threads
    SmapsReader::Memory smaps;
  };

  struct Gone {
    std::int32_t pid;
    Group* group;
  };

  void begin_round(CollectContext& context);
  void rebase(Process& process, const ProcessSample& sample) const;
  void read_boot_time(CollectContext& context);
  bool born_later(const ProcessId& id) const noexcept { return id.start > first_update_; }
  Process* met_before(std::int32_t pid) noexcept;
  Process* meet(CollectContext& context, const ProcessSample& sample);
  void match_new(CollectContext& context);
  Group* inherited(std::int32_t pid, int depth);
  void give_up_matching(CollectContext& context, Process& process);
  Group& group_of(std::string_view name);
  bool account(CollectContext& context, ProcessSource& source, Process& process, const ProcessSample& scanned);
  void add_growth(Process& process, Group& group, const ProcessSample& sample);
  void add_state(Group& group, const ProcessSample& sample);
  void read_threads(CollectContext& context, Process& process, Group& group, ProcessSample& sample);
  void read_wchan(CollectContext& context, Group& group, const ProcessSample& sample);
  static void add_wchan(Group& group, const std::string& wchan);
  void note_unread(CollectContext& context, const ProcessSample& sample, std::string_view field, const Error& error);
  /// Counts an exit in the process's last known group, or in its parent's if no round saw it and children are counted.
  void count_exits(std::span<const ProcessExit> exits);
  std::optional<Group*> last_known(std::int32_t pid) const;
  void note_gone(const Process& process);
  void bury();
  void remove_empty_groups();
  void note_met(Group& group);
  bool has_served(const Group& group) const;
  /// Moves the totals of groups that are no longer needed to `other`.
  void retire_groups();
  void retire(const Group& group, Group& into);
  void settle_children();
  void end_round();
  /// The group in which the use of `group` is counted.
  Group& counted_in(Group& group) { return group.hidden ? group_of(kOther) : group; }
  void sample_usage(std::chrono::steady_clock::time_point now);
  void choose_largest(double seconds);

  GroupOptions options_;
  GroupRules rules_;
  FactsReader facts_reader_;
  ThreadReader thread_reader_;
  SmapsReader smaps_reader_;
  ChildTimes child_times_;

  std::uint64_t round_ = 0;
  std::uint64_t first_update_ = 0;  // ticks since boot
  std::optional<std::uint64_t> boot_time_;
  std::vector<Process*> met_, met_last_;  // by sample, in this round and the last; null: not to be looked at
  std::size_t cursor_ = 0;                // index into met_last_
  std::unordered_map<std::int32_t, Process> processes_;
  std::vector<const ProcessSample*> unmatched_;
  std::vector<Gone> gone_;  // in the last round, by pid
  std::map<std::string, Group, std::less<>> groups_;
  GroupErrors errors_;
  std::uint64_t other_cpu_ = 0;
  std::chrono::system_clock::time_point now_;
  std::chrono::steady_clock::time_point steady_now_;
  bool forget_fleeting_ = false;
  std::vector<Group*> retiring_;
  std::optional<std::chrono::steady_clock::time_point> sampled_;
  std::optional<std::chrono::nanoseconds> sampled_after_;
  std::vector<Group*> by_size_;
  std::string_view source_;  // of the last round
  std::uint64_t tick_ = 0;   // ns; if the source changed in this round, smaller growth than this means nothing
  std::vector<std::string_view> noted_;  // fields for which this round has reported a fault
  bool partial_noted_ = false;
  ProcessFacts facts_;
  std::string name_, reason_;
};

}  // namespace vitalsd
