// The collector of processes that are watched one by one: collectors.targets.watch.
#include <array>
#include <memory>

#include "collectors/process/targets/target_reader.h"
#include "collectors/process/targets/target_spec.h"
#include "collectors/process/targets/target_tracker.h"
#include "collectors/process/targets/target_values.h"
#include "core/collector.h"

namespace vitalsd {
namespace {

constexpr std::array<OptionSpec, 1> kOptions = {{{
    .name = "watch",
    .type = OptionType::records,
    .default_value = "",
    .help = "Processes to watch one by one: a name and one selector each. If several processes match, the oldest whose "
            "parent does not match is watched.",
    .fields = kTargetFields,
}}};

class TargetsCollector final : public Collector {
 public:
  explicit TargetsCollector(const Options& options) : tracker_(read_target_specs(options.records("watch"))) {}

  Result<void> collect(CollectContext& context, Sink& sink) override {
    if (tracker_.targets().empty()) return {};
    if (const auto updated = tracker_.update(context); !updated) return updated;
    for (std::size_t i = 0; i < tracker_.targets().size(); ++i) {
      if (context.stop.stop_requested()) return fail(Errc::timed_out, "targets");
      Target& target = tracker_.targets()[i];
      publish_target(sink, target, read(context, target, i) ? &values_ : nullptr);
    }
    return {};
  }

  int wake_fd() const noexcept override { return tracker_.wake_fd(); }

 private:
  // Whether values_ are complete and belong to the target's process.
  bool read(CollectContext& context, Target& target, std::size_t index) {
    if (target.presence != Presence::up) return false;
    reader_.read(context, target, tracker_.stat(index), tracker_.kept_files(), values_);
    target.oom.note(context, target.process.pid);
    if (tracker_.still_up(context, target)) {
      target.oom.keep(values_.anonymous + values_.file + values_.shared);
      return true;
    }
    target.unreadable.clear();  // they belong to a process that has ended
    return false;
  }

  TargetTracker tracker_;
  TargetReader reader_;
  TargetValues values_;
};

const Registration kRegistration{
    {.name = "targets",
     .enabled = true,
     .help = "Processes watched one by one: alive or not, and everything that the kernel reports about them.",
     .options = kOptions,
     .families = target_families(),
     .remembered = remembered_target_families(),
     .make = make_configured<TargetsCollector>,
     .powers = [](const Options& options, const Host&) {
       return options.records("watch").empty() ? Powers{} : Powers{Power::read_processes};
     }}};

}  // namespace
}  // namespace vitalsd
