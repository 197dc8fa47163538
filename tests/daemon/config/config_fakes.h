// Fake collectors with options of every type, and a loader that knows only them, for tests of the configuration.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/collector.h"
#include "daemon/config/loader.h"
#include "exporters/http/server.h"

namespace vitalsd::conf {

class NoCollector final : public Collector {
 public:
  Result<void> collect(CollectContext&, Sink&) override { return {}; }
};

/// Throws for a value that begins with "bad", as a collector does for a pattern or a target.
inline std::unique_ptr<Collector> make_particular(const Options& options) {
  if (options.text("include").starts_with("bad")) throw OptionError("include", "not a regular expression: missing )");
  const auto& watch = options.records("watch");
  for (std::size_t i = 0; i < watch.size(); ++i) {
    if (watch[i].texts.size() != 2)
      throw OptionError("watch[" + std::to_string(i) + "]", "exactly one of pid, comm is needed");
  }
  if (options.integer("depth") == 13) throw std::runtime_error("will not run");
  return std::make_unique<NoCollector>();
}

inline constexpr RecordField kWatchFields[] = {{"pid", "A process id."}, {"comm", "The name of the process."}};
inline constexpr OptionSpec kEveryOption[] = {
    {"guest", OptionType::boolean, "true", "Guest time."},
    {"label", OptionType::text, "none", "A text."},
    {"include", OptionType::regex, "", "Which to take."},
    {"depth", OptionType::integer, "3", "How deep."},
    {"window", OptionType::duration, "1m", "How long."},
    {"limit", OptionType::size, "64Ki", "How much."},
    {"units", OptionType::list, "", "Which units."},
    {"watch", OptionType::records, "", "What to watch.", kWatchFields},
};
inline constexpr OptionSpec kCpuOptions[] = {{"info_flags_include", OptionType::regex, "", "Which flags."}};
inline constexpr std::array<std::string_view, 1> kCpuLabels = {"cpu"};
inline constexpr Family kCpuSeconds{"node_cpu_seconds_total", Kind::counter, "Seconds | spent.", "seconds", kCpuLabels};
inline constexpr const Family* kCpuFamilies[] = {&kCpuSeconds};

inline const std::vector<CollectorSpec>& fake_collectors() {
  static const std::vector<CollectorSpec> specs = {
      {.name = "cpu",
       .help = "CPU time.",
       .options = kCpuOptions,
       .families = kCpuFamilies,
       .make = [](const Options&) -> std::unique_ptr<Collector> { return std::make_unique<NoCollector>(); }},
      {.name = "every", .help = "Options of every type.", .options = kEveryOption, .make = make_particular},
      {.name = "extra", .enabled = false, .help = "Off by default.", .make = make_collector<NoCollector>},
  };
  return specs;
}

/// Loads with a file system that holds only c.yml, and passes that as --config.file unless it is empty.
inline LoadedConfig load_fake(std::vector<std::string> arguments, const std::string& file = {},
                              std::map<std::string, std::string, std::less<>> environment = {}) {
  if (!file.empty()) arguments.emplace_back("--config.file=c.yml");
  return load({std::move(arguments), std::move(environment)}, fake_collectors(),
              [&file](const std::string& path) -> std::expected<std::string, std::string> {
                if (path != "c.yml" || file.empty()) return std::unexpected("cannot open '" + path + "'");
                return file;
              });
}

inline std::vector<std::string> described(const std::vector<ConfigFault>& faults) {
  std::vector<std::string> lines;
  for (const ConfigFault& fault : faults) lines.push_back(describe(fault));
  return lines;
}

}  // namespace vitalsd::conf
