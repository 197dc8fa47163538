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
     .help = "A file in process-exporter's format, with process_names.",
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
     .help = "Where samples come from: bpf, the kernel's own iterator over tasks, which needs CAP_BPF and "
             "CAP_PERFMON; procfs; or auto, the first of these that is available."},
    {.name = "children",
     .type = OptionType::boolean,
     .default_value = "true",
     .help = "A process that matches no rule joins the group of its nearest ancestor that has one."},
    {.name = "threads",
     .type = OptionType::boolean,
     .default_value = "false",
     .help = "Report threads by name, too, and where they wait in the kernel."},
    {.name = "smaps",
     .type = OptionType::boolean,
     .default_value = "false",
     .help = "Report proportional memory, too, for which the kernel walks all page tables."},
    {.name = "smaps_limit",
     .type = OptionType::size,
     .default_value = "4Gi",
     .help = "Leave out processes with more resident and swapped memory, which the walk would hold up; 0: none."},
    {.name = "recheck",
     .type = OptionType::boolean,
     .default_value = "false",
     .help = "Match processes without a group again in each round, for those that change their name."},
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
     .help = "How long a group whose name a template made is kept without processes; from then on its totals "
             "are counted in the group \"other\". 0: for ever."},
    {.name = "max_groups",
     .type = OptionType::integer,
     .default_value = "1000",
     .help = "How many groups there may be; the processes of further ones are counted in the group \"other\"."},
    {.name = "top",
     .type = OptionType::integer,
     .default_value = "0",
     .help = "Publish only the largest groups, and up to a quarter more that were among them; the rest is counted in "
             "\"other\". 0: all."},
    {.name = "top_by",
     .type = OptionType::text,
     .default_value = "cpu",
     .help = "The measure of a group's size: cpu or memory."},
    {.name = "histograms",
     .type = OptionType::boolean,
     .default_value = "false",
     .help = "Report the distributions of each group's use over the samples, too: 26 more series per group. "
             "Without them there are only the maxima of each minute."},
    {.name = "resident_types",
     .type = OptionType::boolean,
     .default_value = "false",
     .help = "Report resident memory by kind, too: anonymous, file, shared."},
    {.name = "sample_interval",
     .type = OptionType::duration,
     .default_value = "1s",
     .help = "How often usage is sampled into maxima and histograms, 100ms at the least; less often where that would "
             "cost more than 1 % of a core."},
}};

constexpr std::chrono::milliseconds kLeastSample{100};
constexpr std::chrono::milliseconds kFirstCost{10};
constexpr int kCostShare = 100;  // sampling takes at most one part in so many of a core

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
    // A config_file is process-exporter's own, in which a group exists only once it had a process.
    if (options.text("config_file").empty()) tracker_.expect_literal_names();
  }

  int wake_fd() const noexcept override { return exits_.fd(); }
  bool woken() noexcept override {
    exits_.receive();
    return false;  // the next run counts them
  }

  std::chrono::nanoseconds pace(std::chrono::nanoseconds interval) const noexcept override {
    return std::max(std::min(interval, tracker_.options().sample_interval), cost_ * kCostShare);
  }

  Result<void> collect(CollectContext& context, Sink& sink) override {
    const auto begin = thread_cpu();
    const auto done = collect_all(context, sink);
    // The first round reads much more than later ones; and what loading a program costs, once, would keep samples away
    // for seconds, in which processes come and go unseen.
    const auto cost = thread_cpu() - begin;
    if (cost_.count() == 0) {
      cost_ = std::min<std::chrono::nanoseconds>(cost, kFirstCost);
    } else if (!source_.tried()) {
      cost_ = (cost_ * 3 + cost) / 4;
    }
    return done;
  }

 private:
  Result<void> collect_all(CollectContext& context, Sink& sink) {
    if (!std::exchange(begun_, true)) memory_.restore(context, tracker_);
    // The kernel reports exits of this machine's processes, which a directory of files does not contain.
    tracker_.forget_fleeting(context.host.procfs->is_kernel());  // files that do not change are not samples
    if (context.host.procfs->is_kernel()) exits_.renew(context.host.clock->steady());
    if (const auto lack = exits_.lack()) {
      context.faults.partial("process_groups", "exit_events", *lack,
                             "raise the limit of descriptors (LimitNOFILE=) or memory");
    }
    const bool has_exits = exits_.available() && context.host.procfs->is_kernel();
    if (const auto done = tracker_.update(context, source_.choose(context), has_exits ? ended_ : nullptr); !done)
      return done;
    memory_.save(context, tracker_);
    publish_groups(sink, tracker_, context.host.units);
    publish_source(sink, source_.name(), source_.reason());
    if (has_exits) publish_exit_events(sink, exits_.lost());
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

// Needed with the iterator, too: the first round uses procfs, and so do executables and directories in names.
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
