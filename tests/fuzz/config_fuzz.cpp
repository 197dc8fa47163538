// Any bytes as configuration file, arguments and environment: faults but no crash, and the printed configuration loads
// to the same. Input: the file; after the first line "%%%" one argument per line; VITALSD_...= is environment.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "tests/daemon/config/config_fakes.h"

namespace {

using vitalsd::ConfigSources;
using vitalsd::LoadedConfig;

LoadedConfig load_text(const ConfigSources& sources, const std::string& file) {
  return vitalsd::conf::load(sources, vitalsd::conf::fake_collectors(),
                             [&file](const std::string&) { return std::expected<std::string, std::string>(file); });
}

void check_faults(const LoadedConfig& loaded) {
  for (const auto& fault : loaded.faults) {
    const std::string line = describe(fault);
    if (line.find('\n') != std::string::npos || fault.where.empty() || fault.message.empty()) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::string_view kSplit = "%%%\n";
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t split = input.find(kSplit);
  const std::string file(input.substr(0, split));
  ConfigSources sources;
  std::string_view rest = split == std::string_view::npos ? "" : input.substr(split + kSplit.size());
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    const std::size_t equals = line.find('=');
    if (line.starts_with("VITALSD_") && equals != std::string_view::npos) {
      sources.environment.emplace(line.substr(0, equals), line.substr(equals + 1));
    } else if (!line.starts_with("--config.file")) {
      sources.arguments.emplace_back(line);
    }
  }
  sources.environment["VITALSD_CONFIG_FILE"] = "f.yml";
  sources.environment["HOME"] = "/root";
  check_faults(load_text(sources, file));

  sources.arguments.emplace_back("--config.print");
  const LoadedConfig first = load_text(sources, file);
  if (first.printed.empty()) return 0;
  const LoadedConfig second = load_text({{"--config.print"}, {{"VITALSD_CONFIG_FILE", "f.yml"}}}, first.printed);
  if (!second.faults.empty() || second.config != first.config) std::abort();
  return 0;
}
