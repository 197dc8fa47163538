// The collector of process groups: collectors.process_groups.
#include <algorithm>
#include <array>
#include <chrono>
#include <utility>
#include <vector>

#include "collectors/process/groups/group_families.h"
#include "collectors/process/groups/group_memory.h"
#include "collectors/process/groups/group_tracker.h"
#include "collectors/process/sources/bpf/bpf_source.h"
#include "collectors/process/sources/source_choice.h"
#include "core/collector.h"
#include "core/cpu_time.h"

namespace vitalsd {
namespace {

constexpr std::array<OptionSpec, 19> kOptions = {{
    {.name = "config_file",
     .type = OptionType::text,
     .default_value = "",
     .help = "A file of process-exporter's form, which holds process_names.",
     .enables = true,
     .section_file = true},
    {.name = "process_names",
     .type = OptionType::records,
     .default_value = "",
     .help = "Rules, of which the first that a process matches gives its group; all fields that a rule has must match. "
             "name: a template with .Comm, .ExeBase (the default), .ExeFull, .Username, .Cwd, .PID, .StartTime, "
             ".Cgroups, .Matches.NAME, index .Cgroups N. A group whose name is plain text is there even when empty.",
     .fields = kGroupRuleFields,
     .named = false,
     .enables = true},
    {.name = "procnames",
     .type = OptionType::text,
     .default_value = "",
     .help = "Kernel names of processes, separated by commas: a group for each.",
     .enables = true},
    {.name = "namemapping",
     .type = OptionType::text,
     .default_value = "",
     .help = "NAME,REGEX,... : what the expression captures of the command line is added to the name, NAME:CAPTURE.",
     .enables = true},
    {.name = "source",
     .type = OptionType::text,
     .default_value = "auto",
     .help = "Where samples come from: bpf, the kernel's own iterator over tasks, which needs CAP_BPF and CAP_PERFMON; "
             "procfs; or auto, the first of these that can be had."},
    {.name = "children",
     .type = OptionType::boolean,
     .default_value = "true",
     .help = "What matches no rule joins the group of its nearest ancestor that is in one."},
    {.name = "threads",
     .type = OptionType::boolean,
     .default_value = "false",
     .help = "Also by thread name, and where threads wait in the kernel."},
    {.name = "smaps",
     .type = OptionType::boolean,
     .default_value = "false",
     .help = "Also proportional memory, which costs the kernel a walk of all page tables."},
    {.name = "smaps_limit",
     .type = OptionType::size,
     .default_value = "4Gi",
     .help = "Leave out processes with more resident and swapped memory, which the walk would hold up; 0: none."},
    {.name = "recheck",
     .type = OptionType::boolean,
     .default_value = "false",
     .help = "Match processes that are in no group anew in each round, for those that change their name."},
    {.name = "recheck_with_time_limit",
     .type = OptionType::duration,
     .default_value = "0s",
     .help = "As recheck, but only for so long after the start of the process."},
    {.name = "remove_empty_groups",
     .type = OptionType::boolean,
     .default_value = "false",
     .help = "Forget groups without processes, and with them their counters."},
    {.name = "empty_groups_for",
     .type = OptionType::duration,
     .default_value = "15m",
     .help = "A group whose name a template made goes when it had no process for so long, and what it used is counted "
             "in the group \"other\" from then on; 0: never."},
    {.name = "max_groups",
     .type = OptionType::integer,
     .default_value = "1000",
     .help = "What would be one more group is counted in the group \"other\"."},
    {.name = "top",
     .type = OptionType::integer,
     .default_value = "0",
     .help =
         "Tell the largest groups alone, and a quarter more that were among them; the rest is counted in \"other\". "
         "0: all."},
    {.name = "top_by",
     .type = OptionType::text,
     .default_value = "cpu",
     .help = "What makes a group large: cpu or memory."},
    {.name = "histograms",
     .type = OptionType::boolean,
     .default_value = "false",
     .help =
         "Also distributions of each group's use over the samples: 26 series more of each group. Without them there "
         "are the maxima of each minute."},
    {.name = "resident_types",
     .type = OptionType::boolean,
     .default_value = "false",
     .help = "Also resident memory by what is in it: anonymous, file, shared."},
    {.name = "sample_interval",
     .type = OptionType::duration,
     .default_value = "1s",
     .help = "How often usage is sampled into maxima and histograms, 100ms at the least; less often where that would "
             "cost more than 1 % of a core."},
}};

constexpr std::chrono::milliseconds kLeastSample{100};
constexpr std::chrono::milliseconds kFirstCost{10};
constexpr int kCostShare = 100;  // sampling takes one in so many parts of a core at the most

GroupOptions read_options(const Options& options) {
  const auto limit = options.duration("recheck_with_time_limit");
  const std::int64_t groups = options.integer("max_groups");
  if (groups < 1 || groups > 1'000'000) throw OptionError("max_groups", "must be within 1 to 1000000");
  const std::int64_t top = options.integer("top");
  if (top < 0 || top > groups) throw OptionError("top", "must be within 0 and max_groups");
  const std::string& by = options.text("top_by");
  if (by != "cpu" && by != "memory") throw OptionError("top_by", "must be cpu or memory, not \"" + by + "\"");
  const auto sample = options.duration("sample_interval");
  if (sample < kLeastSample) throw OptionError("sample_interval", "must be at least 100ms");
  return {.children = options.flag("children"),
          .threads = options.flag("threads"),
          .smaps = options.flag("smaps"),
          .recheck = options.flag("recheck") || limit.count() != 0,
          .recheck_limit = limit,
          .remove_empty = options.flag("remove_empty_groups"),
          .empty_for = options.duration("empty_groups_for"),
          .histograms = options.flag("histograms"),
          .resident_types = options.flag("resident_types"),
          .max_groups = static_cast<std::size_t>(groups),
          .smaps_limit = options.size("smaps_limit"),
          .top = static_cast<std::size_t>(top),
          .top_by_memory = by == "memory",
          .sample_interval = sample};
}

class ProcessGroups final : public Collector {
 public:
  explicit ProcessGroups(const Options& options)
      : tracker_(read_options(options), GroupRules(options)),
        source_(options.text("source"), !options.flag("threads")) {
    // The file is process-exporter's own, where a group is there once it had a process.
    if (options.text("config_file").empty()) tracker_.expect_literal_names();
  }

  int wake_fd() const noexcept override { return exits_.fd(); }
  bool woken() noexcept override {
    exits_.receive();
    return false;  // they are counted in the next run
  }

  std::chrono::nanoseconds pace(std::chrono::nanoseconds interval) const noexcept override {
    return std::max(std::min(interval, tracker_.options().sample_interval), cost_ * kCostShare);
  }

  Result<void> collect(CollectContext& context, Sink& sink) override {
    const auto begin = thread_cpu();
    const auto done = collect_all(context, sink);
    // A first round reads much more than those that follow.
    const auto cost = thread_cpu() - begin;
    cost_ = cost_.count() == 0 ? std::min<std::chrono::nanoseconds>(cost, kFirstCost) : (cost_ * 3 + cost) / 4;
    return done;
  }

 private:
  Result<void> collect_all(CollectContext& context, Sink& sink) {
    if (!std::exchange(begun_, true)) memory_.restore(context, tracker_);
    // The kernel tells of this machine's processes, which a directory of files says nothing of.
    tracker_.forget_fleeting(context.host.procfs->is_kernel());  // files that stand still are no samples of anything
    const bool told = exits_.available() && context.host.procfs->is_kernel();
    if (const auto done = tracker_.update(context, source_.choose(context), told ? ended_ : nullptr); !done)
      return done;
    memory_.save(context, tracker_);
    publish_groups(sink, tracker_, context.host.units);
    publish_source(sink, source_.name(), source_.reason());
    if (told) publish_exit_events(sink, exits_.lost());
    return {};
  }

  GroupTracker tracker_;
  GroupMemory memory_;
  ExitEvents exits_;
  std::vector<ProcessExit> taken_;
  const GroupTracker::Ended ended_ = [this] { return exits_.take(taken_); };
  bool begun_ = false;
  std::chrono::nanoseconds cost_{0};  // of CPU, smoothed; written by runs, read between them
  SourceChoice source_;
};

// With the iterator, too: the first round is of procfs, as are executables and directories in names.
Powers powers(const Options& options, const Host&) {
  const Powers own{Power::read_processes, Power::exit_events};
  return has_bpf_source() && options.text("source") != "procfs" ? own | Powers{Power::bpf} : own;
}

const Registration kRegistration{{.name = "process_groups",
                                  .enabled = false,
                                  .help = "Processes in groups by rules, as process-exporter; on when rules are given.",
                                  .options = kOptions,
                                  .families = group_families(),
                                  .remembered = remembered_group_families(),
                                  .make = make_configured<ProcessGroups>,
                                  .powers = powers}};

}  // namespace
}  // namespace vitalsd
