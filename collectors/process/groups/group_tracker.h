// Assigns every process to its group and adds up what the groups use.
//   tracker.update(context, source); for (const auto& [name, group] : tracker.groups()) ...
// Semantics are process-exporter's: what was there when the daemon began is the baseline, what is born later counts in
// full, and what the dead have used stays in their group's totals.
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
  bool children = true;  ///< what is in no group joins that of its nearest ancestor that is in one
  bool threads = false;
  bool smaps = false;
  bool recheck = false;                       ///< match processes that are in no group anew each round
  std::chrono::nanoseconds recheck_limit{0};  ///< only for so long after their start; 0: for ever
  bool remove_empty = false;
  std::chrono::nanoseconds empty_for{0};  ///< without a process, after which a group goes into `other`; 0: never
  bool histograms = false;
  bool resident_types = false;
  std::size_t max_groups = 1000;
  std::uint64_t smaps_limit = 0;  ///< bytes resident, beyond which smaps is not read
  std::size_t top = 0;            ///< the largest alone are told one by one; 0: all
  bool top_by_memory = false;     ///< else by CPU use
  std::chrono::nanoseconds sample_interval = std::chrono::seconds(1);
};

/// What process-exporter counts of its own work, and what is in no group.
struct GroupErrors {
  std::uint64_t scrapes = 0;    ///< rounds that gave nothing
  std::uint64_t processes = 0;  ///< processes of which not even stat could be read
  std::uint64_t partial = 0;    ///< processes of a group of which some field could not be read
  std::uint64_t folded = 0;     ///< processes that went to `other` because there were too many groups
};

class GroupTracker {
 public:
  static constexpr std::string_view kOther = "other";

  GroupTracker(GroupOptions options, GroupRules rules);

  /// Gives the processes that have ended since it was last called.
  using Ended = std::function<std::span<const ProcessExit>()>;

  /// `ended` is called once all processes were looked at. The kernel tells of an end a little after others may see it
  /// (kernel/exit.c do_exit()), so those that are missed are known for one round more.
  Result<void> update(CollectContext& context, ProcessSource& source, const Ended& ended = {});

  const std::map<std::string, Group, std::less<>>& groups() const noexcept { return groups_; }
  const GroupErrors& errors() const noexcept { return errors_; }
  /// Nanoseconds of CPU of processes in no group, with those that nobody saw, since the daemon began.
  std::uint64_t other_cpu() const noexcept { return other_cpu_; }
  /// Seconds since 1970; empty when the kernel does not tell.
  std::optional<std::uint64_t> boot_time() const noexcept { return boot_time_; }
  const GroupOptions& options() const noexcept { return options_; }
  /// Whether a group of which one sample alone saw a process goes with it: where processes come and go, each of them
  /// would leave one behind that nobody who looks less often ever knows of.
  void forget_fleeting(bool yes) noexcept { forget_fleeting_ = yes; }
  std::uint64_t smaps_skipped() const noexcept { return smaps_reader_.too_large(); }
  /// The time between the last two samples of usage; empty before there were two.
  std::optional<std::chrono::nanoseconds> sampled_after() const noexcept { return sampled_after_; }
  /// When the last round began.
  std::chrono::system_clock::time_point now() const noexcept { return now_; }
  /// Appends all that makes counters go on after a restart on the same boot.
  void save(std::string& out) const;
  /// Takes what save() wrote, before the first update. Malformed when it is not that: then nothing was taken. Processes
  /// that were assigned by other rules are matched anew.
  Result<void> restore(std::string_view text);
  /// Groups that rules name outright are there from the beginning, so that their emptiness can alert.
  void expect_literal_names();

 private:
  struct Thread {
    ProcessId id;
    ProcessCounts last;
  };
  struct Process {
    ProcessId id;
    Group* group = nullptr;  // null: in none
    std::uint64_t seen = 0;  // the round
    std::int32_t parent = 0;
    std::uint32_t exec_id = 0;
    bool settled = false;  // whether `group` is final
    bool steady = false;   // as it was in the round before this
    Has has = Has::none;   // which of `last` were readable
    ProcessCounts last;
    std::uint64_t children = 0;   // ns of waited-for children
    std::vector<Thread> threads;  // by tid
    bool restored = false;        // its threads were counted by the daemon before
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
  bool account(CollectContext& context, ProcessSource& source, Process& process, const ProcessSample& told);
  void add_growth(Process& process, Group& group, const ProcessSample& sample);
  void add_state(Group& group, const ProcessSample& sample);
  void read_threads(CollectContext& context, Process& process, Group& group, ProcessSample& sample);
  void read_wchan(CollectContext& context, Group& group, const ProcessSample& sample);
  static void add_wchan(Group& group, const std::string& wchan);
  void note_unread(CollectContext& context, const ProcessSample& sample, std::string_view field, const Error& error);
  /// Each in its group as it was known, or in that of its parent if nobody saw it and children are counted.
  void count_exits(std::span<const ProcessExit> exits);
  std::optional<Group*> last_known(std::int32_t pid) const;
  void note_gone(const Process& process);
  void bury();
  void remove_empty_groups();
  void note_met(Group& group);
  bool has_served(const Group& group) const;
  /// What groups that have served have used goes on to be counted in `other`.
  void retire_groups();
  void retire(const Group& group, Group& into);
  void settle_children();
  void end_round();
  /// Where what a group uses is counted.
  Group& told_of(Group& group) { return group.hidden ? group_of(kOther) : group; }
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
  std::vector<Process*> met_, met_last_;  // of each sample of this round and the last; null: not to be looked at
  std::size_t cursor_ = 0;                // in met_last_
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
  std::uint64_t tick_ = 0;   // ns; in the first round of another source, growth of less than this means nothing
  std::vector<std::string_view> noted_;  // fields that could not be read in this round
  bool partial_noted_ = false;
  ProcessFacts facts_;
  std::string name_, reason_;
};

}  // namespace vitalsd
