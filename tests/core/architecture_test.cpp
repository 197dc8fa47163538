// Checks the include rules: which folder may include which, and where each library may be used.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace fs = std::filesystem;

struct Rule {
  const char* files;     // regex over the path from the project's root
  const char* includes;  // regex over the included name, without quotes or brackets
  const char* only_in;   // regex over paths that may include it despite the rule; empty: none
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
    {"(collectors|exporters|daemon)/.*", "libdeflate\\.h", "exporters/g(un)?zip\\.cpp",
     "libdeflate is behind GzipCompressor and gunzip()"},
    {"(collectors|exporters|daemon)/.*", "protozero/.*", "exporters/protobuf\\.cpp",
     "protozero is behind ProtobufEncoder"},
    {"(collectors|exporters|daemon)/.*", "openssl/.*", "exporters/tls/openssl\\.h",
     "OpenSSL is a table, opened when it is needed"},
    {"(collectors|exporters|daemon)/.*", "exporters/tls/openssl\\.h", "exporters/tls/.*",
     "OpenSSL is behind tls::Session"},
    {"(core|collectors|exporters|daemon)/.*", "systemd/.*", "daemon/bus/sd_bus\\.h",
     "libsystemd is a table, opened when it is needed"},
    {"(core|collectors|exporters|daemon)/.*", "daemon/bus/(sd_bus|connection)\\.h", "daemon/bus/.*",
     "libsystemd is behind BusSource"},
    {"(core|collectors|exporters|daemon)/.*", "(bpf/|linux/bpf).*", "collectors/process/sources/bpf/bpf_source\\.cpp",
     "libbpf is seen by one source of process samples"},
};

/// The folders of a room, by floor. A file may include its own folder and lower floors of its room, so that no include
/// goes sideways, upward or in a circle. The longest matching name counts; a folder that is not listed is on the top
/// floor.
struct Floor {
  std::string_view folder;
  int number;
};
constexpr int kTop = 9;
constexpr Floor kFloors[] = {
    {"collectors/formats/", 1}, {"collectors/kit/", 2},        {"collectors/process/sources/", 3},
    {"exporters/", 1},          {"exporters/tls/", 1},         {"exporters/http/", 2},
    {"daemon/service/", 1},     {"daemon/config/", 2},         {"daemon/sandbox/", 3},
    {"daemon/run/", 4},         {"daemon/history/", 5},        {"daemon/incidents/", 6},
    {"daemon/web/", 7},         {"daemon/manual/", 8},         {"daemon/bus/", 1},
    {"daemon/publish/", 6},     {"daemon/rules/language/", 1}, {"daemon/rules/", 6},
    {"daemon/probe/", 6},       {"daemon/merge/", 7},
};
constexpr std::size_t kMostSources = 25;  // in a folder
constexpr std::size_t kMostLines = 400;   // in a file

int floor_of(std::string_view path) {
  int number = kTop;
  std::size_t longest = 0;
  for (const Floor& floor : kFloors) {
    if (!path.starts_with(floor.folder) || floor.folder.size() <= longest) continue;
    number = floor.number;
    longest = floor.folder.size();
  }
  return number;
}

std::string_view folder_of(std::string_view path) { return path.substr(0, path.rfind('/')); }
std::string_view room_of(std::string_view path) { return path.substr(0, path.find('/')); }

/// Whether an include goes to a neighbour on the same floor. A folder and one within it are not neighbours.
bool goes_sideways(std::string_view path, std::string_view include) {
  if (include.find('/') == std::string_view::npos || room_of(path) != room_of(include)) return false;
  const std::string_view from = folder_of(path), to = folder_of(include);
  if (from == to || floor_of(include) < floor_of(path)) return false;
  const bool within = from.starts_with(to) || to.starts_with(from);
  return floor_of(include) > floor_of(path) || !within || room_of(path) == to;
}

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
  for (const auto& include : includes) {
    if (goes_sideways(path, include)) bad.push_back(path + " includes " + include + ", which is beside or above it");
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

TEST(Architecture, FoldersAndFilesStaySmall) {
  const fs::path root(VITALSD_SOURCE_DIR);
  std::map<std::string, std::size_t> sources;
  for (const char* room : {"core", "collectors", "exporters", "daemon", "tests"}) {
    for (const auto& entry : fs::recursive_directory_iterator(root / room)) {
      const auto extension = entry.path().extension();
      if (extension != ".h" && extension != ".cpp") continue;
      const auto path = fs::relative(entry.path(), root).string();
      if (extension == ".cpp" && !path.starts_with("tests/fuzz/")) ++sources[std::string(folder_of(path))];
      std::ifstream in(entry.path());
      const auto lines = static_cast<std::size_t>(std::count(std::istreambuf_iterator<char>(in), {}, '\n'));
      EXPECT_LE(lines, kMostLines) << path << " wants to be two";
    }
  }
  for (const auto& [folder, number] : sources) EXPECT_LE(number, kMostSources) << folder << " wants to be two";
}

TEST(Architecture, TheRulesCatchWhatTheyForbid) {
  EXPECT_EQ(violations_of("core/x.cpp", {"boost/asio.hpp", "core/y.h", "vector"}).size(), 1U);
  EXPECT_EQ(violations_of("collectors/system/x.cpp", {"exporters/text.h"}).size(), 1U);
  EXPECT_EQ(violations_of("daemon/app.cpp", {"yaml-cpp/yaml.h", "spdlog/logger.h"}).size(), 2U);
  EXPECT_TRUE(violations_of("daemon/service/log.cpp", {"spdlog/logger.h"}).empty());
  EXPECT_EQ(violations_of("collectors/process/sources/bpf/records.cpp", {"bpf/libbpf.h", "linux/bpf.h"}).size(), 2U);
  EXPECT_TRUE(violations_of("collectors/process/sources/bpf/bpf_source.cpp", {"bpf/libbpf.h"}).empty());
  EXPECT_EQ(violations_of("collectors/cpu/x.cpp", {"collectors/memory/y.h", "collectors/kit/z.h"}).size(), 1U);
  EXPECT_EQ(violations_of("collectors/kit/x.cpp", {"collectors/cpu/y.h", "collectors/formats/z.h"}).size(), 1U);
  EXPECT_EQ(violations_of("daemon/run/x.cpp", {"daemon/app.h", "daemon/web/y.h", "daemon/config/z.h"}).size(), 2U);
  EXPECT_TRUE(violations_of("daemon/app.cpp", {"daemon/app.h", "daemon/web/health.h"}).empty());
}

/// The types that a file defines in named namespaces, by their whole names.
std::vector<std::string> types_of(const fs::path& file) {
  static const std::regex kNamespace(R"(^(inline )?namespace ?([\w:]*) ?\{.*)"), kEnd(R"(^\}  // namespace.*)"),
      kType(R"(^(class|struct|union|enum class) (\w+)( final)?( ?\{| : ).*)");
  std::vector<std::string> found, around;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    std::smatch match;
    if (std::regex_match(line, match, kNamespace)) {
      around.push_back(match[2]);
    } else if (std::regex_match(line, kEnd)) {
      if (!around.empty()) around.pop_back();
    } else if (std::regex_match(line, match, kType) && std::ranges::find(around, "") == around.end()) {
      std::string name;
      for (const auto& each : around) name += each + "::";
      found.push_back(name + match[2].str());
    }
  }
  return found;
}

// Two types of one name link without a word where all of their functions are inline, and then one is taken for the
// other.
TEST(Architecture, NoTwoTypesHaveOneName) {
  const fs::path root(VITALSD_SOURCE_DIR);
  std::map<std::string, std::string> known;
  for (const char* room : {"core", "collectors", "exporters", "daemon"}) {
    for (const auto& entry : fs::recursive_directory_iterator(root / room)) {
      const auto extension = entry.path().extension();
      if (extension != ".h" && extension != ".cpp") continue;
      const auto path = fs::relative(entry.path(), root).string();
      for (const auto& type : types_of(entry.path())) {
        const auto [at, is_new] = known.emplace(type, path);
        EXPECT_TRUE(is_new) << type << " is defined in " << at->second << " and in " << path;
      }
    }
  }
  EXPECT_GT(known.size(), 200U);
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
