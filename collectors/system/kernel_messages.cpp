// Collector `kernel_messages`: what the kernel logs, counted as it happens by level and by what it means (/dev/kmsg).
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "collectors/system/kernel_log.h"
#include "collectors/system/kernel_patterns.h"
#include "core/collector.h"

namespace vitalsd {
namespace {

constexpr std::array<std::string_view, 1> kLevelLabel = {"level"};
constexpr std::array<std::string_view, 1> kPatternLabel = {"pattern"};
constexpr Family kMessages{"vitalsd_kernel_messages_total", Kind::counter,
                           "Messages that the kernel logged since the daemon listens, by level.", "", kLevelLabel};
constexpr Family kMatches{"vitalsd_kernel_pattern_messages_total", Kind::counter,
                          "Messages that the kernel logged since the daemon listens, by the pattern that they match.",
                          "", kPatternLabel};
constexpr Family kLost{"vitalsd_kernel_messages_lost_total", Kind::counter,
                       "Messages that the kernel overwrote before the daemon could read them."};
constexpr auto kFamilies = family_list<family_total(kMessages, kMatches, kLost)>(kMessages, kMatches, kLost);

constexpr std::array<std::string_view, 8> kLevels = {"emerg",   "alert",  "crit", "err",
                                                     "warning", "notice", "info", "debug"};

constexpr std::array kFields = {
    RecordField{"match", "A regular expression (RE2); where it is found in a message, that is counted."},
};
constexpr std::array kOptions = {
    OptionSpec{.name = "patterns",
               .type = OptionType::records,
               .default_value = "",
               .help = "Further patterns; one with the name of a built-in one takes its place.",
               .fields = kFields},
};

constexpr std::string_view kPath = "dev/kmsg";
constexpr std::size_t kMostRecords =
    50'000;  // of one run: the rest is read by the next one, which is asked for at once

class KernelMessagesCollector final : public Collector {
 public:
  explicit KernelMessagesCollector(const Options& options)
      : patterns_(options, "patterns"), matches_(patterns_.size()) {}

  int wake_fd() const noexcept override { return log_.fd(); }
  bool woken() noexcept override { return log_.woken(); }

  Result<void> collect(CollectContext& context, Sink& sink) override {
    log_.begin(context.woken);
    if (!log_.is_open()) {
      if (const auto opened = log_.open(context.host, kPath); !opened) return opened;
    }
    if (const auto read = read_all(context); !read) {
      log_.close();  // and opened again by the next run
      return read;
    }
    for (std::size_t i = 0; i < levels_.size(); ++i) sink.add(kMessages, {kLevels[i]}, static_cast<double>(levels_[i]));
    for (std::size_t i = 0; i < matches_.size(); ++i)
      sink.add(kMatches, {patterns_.name(i)}, static_cast<double>(matches_[i]));
    sink.add(kLost, static_cast<double>(log_.lost()));
    return {};
  }

 private:
  Result<void> read_all(CollectContext& context) {
    for (std::size_t i = 0; i < kMostRecords && !context.stop.stop_requested(); ++i) {
      const auto record = log_.next(context.buffer);
      if (!record && record.error().code == Errc::malformed) {
        context.faults.partial(kPath, "kernel_messages", record.error(), {});
        continue;
      }
      if (!record) return fail(record.error());
      if (!*record) return {};
      count(**record);
    }
    return {};
  }

  // What programs write to the log is not the kernel's word.
  void count(const kmsg::Record& record) {
    if (record.facility != 0 || record.continues) return;
    ++levels_[record.level];
    for (std::size_t i = 0; i < matches_.size(); ++i) {
      if (patterns_.matches(i, record.text)) ++matches_[i];
    }
  }

  KernelLog log_;
  KernelPatterns patterns_;
  std::array<std::uint64_t, kLevels.size()> levels_{};
  std::vector<std::uint64_t> matches_;
};

const Registration kRegistration{{.name = "kernel_messages",
                                  .enabled = false,
                                  .help = "What the kernel logs, by level and by kind of trouble.",
                                  .options = kOptions,
                                  .families = kFamilies,
                                  .make = make_configured<KernelMessagesCollector>,
                                  .powers = [](const Options&, const Host&) { return Powers{Power::kernel_log}; }}};

}  // namespace
}  // namespace vitalsd
