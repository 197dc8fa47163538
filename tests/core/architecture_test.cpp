// Holds the include rules: who may see whom, and which libraries stay in which rooms.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

struct Rule {
  const char* files;     // regex over the path from the project's root
  const char* includes;  // regex over what stands between the quotes or brackets
  const char* only_in;   // regex over paths that may include it nevertheless; empty: none
  const char* reason;
};

const std::vector<Rule> kRules = {
    {"core/.*", "(collectors|exporters|daemon)/.*", "", "core speaks to nobody"},
    {"core/.*", "(boost|prometheus|yaml-cpp|spdlog|re2|libdeflate|protozero)\\b.*", "", "core is std only"},
    {"collectors/.*", "(exporters|daemon)/.*", "", "collectors see core alone"},
    {"exporters/.*", "(collectors|daemon)/.*", "", "exporters see core alone"},
    {"(collectors|exporters|daemon)/.*", "yaml-cpp/.*", "daemon/config/yaml_.*",
     "yaml-cpp is seen in config loading alone"},
    {"(collectors|exporters)/.*", "spdlog/.*", "", "library code returns errors, it does not log"},
    {"daemon/.*", "spdlog/.*", "daemon/service/log\\..*", "spdlog is seen by the log alone"},
    {"(collectors|exporters|daemon)/.*", "prometheus/.*", "daemon/run/telemetry\\.cpp|exporters/registry_bridge\\..*",
     "prometheus-cpp is seen in self-telemetry and its bridge"},
    {"(collectors|exporters|daemon)/.*", "re2/.*", "collectors/kit/pattern\\.cpp", "RE2 is behind Pattern"},
    {"(collectors|exporters|daemon)/.*", "libdeflate\\.h", "exporters/gzip\\.cpp",
     "libdeflate is behind GzipCompressor"},
    {"(collectors|exporters|daemon)/.*", "protozero/.*", "exporters/protobuf\\.cpp",
     "protozero is behind ProtobufEncoder"},
    {"(collectors|exporters|daemon)/.*", "openssl/.*", "exporters/tls/openssl\\.h",
     "OpenSSL is a table, opened when it is needed"},
    {"(collectors|exporters|daemon)/.*", "exporters/tls/openssl\\.h", "exporters/tls/.*",
     "OpenSSL is behind tls::Session"},
    {"(core|collectors|exporters|daemon)/.*", "(bpf/|linux/bpf).*", "collectors/process/sources/bpf/bpf_source\\.cpp",
     "libbpf is seen by one source of process samples"},
};

std::vector<std::string> includes_of(const fs::path& file) {
  static const std::regex kInclude(R"(^\s*#\s*include\s*["<]([^">]+)[">])");
  std::vector<std::string> found;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (std::smatch match; std::regex_search(line, match, kInclude)) found.push_back(match[1]);
  }
  return found;
}

std::vector<std::string> violations_of(const std::string& path, const std::vector<std::string>& includes) {
  std::vector<std::string> bad;
  for (const Rule& rule : kRules) {
    if (!std::regex_match(path, std::regex(rule.files))) continue;
    if (*rule.only_in != '\0' && std::regex_match(path, std::regex(rule.only_in))) continue;
    for (const auto& include : includes) {
      if (std::regex_match(include, std::regex(rule.includes)))
        bad.push_back(path + " includes " + include + ": " + rule.reason);
    }
  }
  return bad;
}

TEST(Architecture, SourcesIncludeOnlyWhatTheirRoomMaySee) {
  const fs::path root(VITALSD_SOURCE_DIR);
  std::size_t files = 0;
  for (const char* room : {"core", "collectors", "exporters", "daemon"}) {
    for (const auto& entry : fs::recursive_directory_iterator(root / room)) {
      const auto extension = entry.path().extension();
      if (extension != ".h" && extension != ".cpp") continue;
      ++files;
      const auto path = fs::relative(entry.path(), root).string();
      for (const auto& bad : violations_of(path, includes_of(entry.path()))) ADD_FAILURE() << bad;
    }
  }
  EXPECT_GT(files, 20U);
}

TEST(Architecture, TheRulesCatchWhatTheyForbid) {
  EXPECT_EQ(violations_of("core/x.cpp", {"boost/asio.hpp", "core/y.h", "vector"}).size(), 1U);
  EXPECT_EQ(violations_of("collectors/system/x.cpp", {"exporters/text.h"}).size(), 1U);
  EXPECT_EQ(violations_of("daemon/app.cpp", {"yaml-cpp/yaml.h", "spdlog/logger.h"}).size(), 2U);
  EXPECT_TRUE(violations_of("daemon/service/log.cpp", {"spdlog/logger.h"}).empty());
  EXPECT_EQ(violations_of("collectors/process/sources/bpf/records.cpp", {"bpf/libbpf.h", "linux/bpf.h"}).size(), 2U);
  EXPECT_TRUE(violations_of("collectors/process/sources/bpf/bpf_source.cpp", {"bpf/libbpf.h"}).empty());
}

TEST(Architecture, TheTopLevelHoldsNothingElse) {
  const std::vector<std::string> known = {
      "CMakeLists.txt", "CMakePresets.json", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "README.md",
      "build",          "collectors",        "core",         "daemon",          "dev",     "exporters",
      "packaging",      "systemd",           "tests"};
  for (const auto& entry : fs::directory_iterator(VITALSD_SOURCE_DIR)) {
    const auto name = entry.path().filename().string();
    if (name.starts_with('.')) continue;
    EXPECT_TRUE(std::ranges::find(known, name) != known.end()) << name << " has no place at the top level";
  }
}

}  // namespace
