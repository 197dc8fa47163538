#include "collectors/process/targets/target.h"

#include <algorithm>
#include <array>

namespace vitalsd {
namespace {

constexpr std::string_view kAsUserOrPtrace = "run vitalsd as the target's user, or give it CAP_SYS_PTRACE";
constexpr std::string_view kAsUserOrBoth =
    "run vitalsd as the target's user, or give it CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH";
constexpr std::string_view kHidepid =
    "/proc hides other users' processes (hidepid): put vitalsd in the group of its gid= option, or give it "
    "CAP_SYS_PTRACE";

// What really gives access to a denied file (fs/proc/base.c: modes of tgid_base_stuff[], ptrace_may_access()).
struct Remedy {
  std::string_view field, text;
};
constexpr std::array<Remedy, 7> kRemedies = {{
    {"exe", kAsUserOrPtrace},
    {"cwd", kAsUserOrPtrace},
    {"io", kAsUserOrBoth},
    {"open_fds", kAsUserOrBoth},  // before Linux 6.2, where counting descriptors requires listing them
    {"pidfile", "let vitalsd read the pid file and search its directories, or give it CAP_DAC_READ_SEARCH"},
    {"stale_pidfile",
     "the pid file was written before the process it names was started: remove it, or have it rewritten"},
    {"thread_id", "the number is that of a thread: give the pid of its process"},
}};

std::string_view remedy_for(std::string_view what) {
  const auto found = std::ranges::find(kRemedies, what, &Remedy::field);
  return found == kRemedies.end() ? kHidepid : found->text;
}

}  // namespace

Result<std::string_view> read_process_file(const FileSource& procfs, ReadWay way, std::string_view path,
                                           std::string& buffer, Keep keep) {
  auto text = (procfs.*way)(path, buffer, keep);
  if (!text && keep == Keep::yes && text.error().code == Errc::vanished) text = (procfs.*way)(path, buffer, keep);
  return text;
}

void note_unreadable(CollectContext& context, Target& target, std::string_view field, const Error& error,
                     std::string_view reason) {
  // A field may fail more than once in a round, but its series must appear once.
  if (std::ranges::find(target.unreadable, field, &Unreadable::field) != target.unreadable.end()) return;
  target.unreadable.push_back({field, reason});
  const bool has_remedy = error.code == Errc::denied || reason != name_of(error.code);
  context.faults.partial(target.spec.name, field, error,
                         !has_remedy ? std::string_view() : remedy_for(error.code == Errc::denied ? field : reason));
}

void note_unreadable(CollectContext& context, Target& target, std::string_view field, const Error& error) {
  note_unreadable(context, target, field, error, name_of(error.code));
}

}  // namespace vitalsd
