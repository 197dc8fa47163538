#include "collectors/process/groups/group_memory.h"

#include "core/scan.h"

namespace vitalsd {
namespace {

constexpr std::string_view kName = "process_groups";
constexpr unsigned kVersion = 1;
// A reboot invalidates the file, so it need not be synced each time: a rename alone protects against process death.
constexpr std::chrono::seconds kBetweenSyncs{60};

void report(CollectContext& context, const Error& error, std::string_view remedy) {
  context.faults.partial(kName, "state", error, remedy);
}

}  // namespace

void GroupMemory::restore(CollectContext& context, GroupTracker& tracker) {
  if (context.host.state_directory.empty()) return;
  const auto boot = context.host.procfs->attribute("sys/kernel/random/boot_id", context.buffer);
  if (!boot) return;
  boot_ = *boot;
  file_.emplace(context.host.state_directory, kName, kVersion);
  const auto loaded = file_->load(body_);
  if (!loaded) {
    if (loaded.error().code == Errc::unavailable) return;
    return report(
        context, loaded.error(),
        loaded.error().code == Errc::malformed
            ? "the state file was damaged: it was set aside as process_groups.damaged, and counters begin anew"
            : "let vitalsd read and write its state directory");
  }
  Scan scan(*loaded, "group state");
  if (scan.line() != boot_) return;  // after a reboot, processes and totals are different ones
  if (const auto restored = tracker.restore(scan.rest()); !restored) {
    report(context, restored.error(), "the state file is not of this version: counters begin anew");
  }
}

void GroupMemory::save(CollectContext& context, const GroupTracker& tracker) {
  if (!file_) return;
  body_.assign(boot_).append("\n");
  tracker.save(body_);
  const auto now = context.host.clock->steady();
  const bool sync = now >= synced_ + kBetweenSyncs;
  const auto saved = file_->save(body_, sync);
  if (sync) synced_ = now;
  if (!saved) report(context, saved.error(), "let vitalsd write to its state directory, see --path.state");
}

}  // namespace vitalsd
