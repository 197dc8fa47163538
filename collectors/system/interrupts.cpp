#include <algorithm>
#include <array>

#include "collectors/formats/cpu_counts.h"
#include "collectors/kit/digits.h"
#include "collectors/kit/pattern.h"
#include "core/collector.h"
#include "core/scan.h"

namespace vitalsd {
namespace {

constexpr std::array<std::string_view, 4> kLabels = {"cpu", "type", "info", "devices"};
constexpr Family kInterrupts{"node_interrupts_total", Kind::counter, "Interrupt details.", "", kLabels};
constexpr auto kFamilies = family_list<1>(kInterrupts);

constexpr std::array kOptions = {
    OptionSpec{"name_include", OptionType::regex, "",
               "Interrupts to report, as \"type;info;devices\"; excludes name_exclude."},
    OptionSpec{"name_exclude", OptionType::regex, "",
               "Interrupts to leave out, as \"type;info;devices\"; excludes name_include."},
    OptionSpec{"include_zeros", OptionType::boolean, "true", "Report interrupts that never happened on a CPU, too."},
};

class InterruptsCollector final : public Collector {
 public:
  explicit InterruptsCollector(const Options& options)
      : names_(make_filter(options, "name_include", "name_exclude")), zeros_(options.flag("include_zeros")) {
    if (names_.include && names_.exclude) {
      throw OptionError("name_exclude", "name_include is given too: only one of them can be");
    }
  }

  Result<void> collect(CollectContext& context, Sink& sink) override {
    const auto text = context.host.procfs->read("interrupts", context.buffer, Keep::yes);
    if (!text) return fail(text.error());
    if (const auto parsed = cpu_counts::parse(*text, counts_, context.faults); !parsed) return parsed;
    for (const CpuCounts::Row& row : counts_.rows) {
      if (!describe_row(row) || !names_.keeps(whole_)) continue;
      add_row(row, sink);
    }
    return {};
  }

 private:
  /// Splits info and devices. Returns false for a line without details (ERR on a machine with one CPU).
  bool describe_row(const CpuCounts::Row& row) {
    // Numbered interrupts name their controller and then the devices; others have a sentence.
    const bool numbered = is_digits(row.name);
    info_.clear();
    devices_.clear();
    Scan words(row.details, "interrupts");
    for (auto word = words.optional_word(); !word.empty(); word = words.optional_word()) {
      std::string& out = numbered && !info_.empty() ? devices_ : info_;
      if (!out.empty()) out += ' ';
      out.append(word);
    }
    whole_.assign(row.name).append(";").append(info_).append(";").append(devices_);
    return !info_.empty();
  }

  void add_row(const CpuCounts::Row& row, Sink& sink) {
    const auto numbers = counts_.of(row);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      if (numbers[i] == 0 && !zeros_) continue;
      // The number in the heading, which differs from the column's if CPUs are offline.
      sink.add(kInterrupts, {Digits(counts_.cpus[i]), row.name, info_, devices_}, static_cast<double>(numbers[i]));
    }
  }

  Filter names_;
  bool zeros_;
  CpuCounts counts_;
  std::string info_, devices_, whole_;
};

const Registration kRegistration{{.name = "interrupts",
                                  .enabled = false,
                                  .help = "Interrupts by CPU, kind and devices.",
                                  .options = kOptions,
                                  .families = kFamilies,
                                  .never_waits = true,
                                  .make = make_configured<InterruptsCollector>}};

}  // namespace
}  // namespace vitalsd
