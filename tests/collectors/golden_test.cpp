// Runs every collector over the same fixtures and compares it with tests/golden/NAME.prom, which shows what it reports.
// VITALSD_UPDATE_GOLDENS=1 writes the goldens again; read the difference before you commit it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/fakes/fake_clock.h"
#include "tests/fakes/run_collector.h"

namespace vitalsd {
namespace {

const std::string kSource = VITALSD_SOURCE_DIR;

// Their output depends on the machine that runs the test.
constexpr std::array<std::string_view, 3> kLive = {"filesystem", "timex", "uname"};
// They report nothing without options, so they have golden tests of their own.
constexpr std::array<std::string_view, 5> kNeedOptions = {"directories", "exec", "process_groups", "sysctl", "targets"};
// They ask the kernel or systemd and read no files, so that fixtures have nothing of them.
constexpr std::array<std::string_view, 8> kWithoutFiles = {"ethtool", "kernel_messages", "logind",  "network_route",
                                                           "perf",    "qdisc",           "systemd", "wifi"};
// The beginnings of names of families that the kernel may add.
constexpr std::array<std::string_view, 7> kDynamic = {"node_bcachefs_", "node_hwmon_",  "node_memory_", "node_netstat_",
                                                      "node_sockstat_", "node_vmstat_", "node_zfs_"};

std::string contents(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class Golden : public testing::TestWithParam<std::string> {
 protected:
  static void SetUpTestSuite() {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
  }
  const CollectorSpec& spec() const { return *find_collector(GetParam()); }
  RunResult run() const {
    const FakeClock clock;
    const Host host = fixture_host(kSource + "/tests/fixtures/host", clock);
    const auto collector = spec().make(Options::defaults(spec().options));
    RunResult run = run_collector(*collector, host);
    // Paths in labels begin with the path of the checkout.
    for (std::size_t at = 0; (at = run.text.find(kSource)) != std::string::npos;) run.text.erase(at, kSource.size());
    return run;
  }
};

TEST_P(Golden, IsAsItWas) {
  const RunResult run = this->run();
  ASSERT_TRUE(run.result) << describe(run.result.error());
  EXPECT_TRUE(run.faults.empty()) << run.faults.front().field;
  if (std::ranges::find(kNeedOptions, GetParam()) != kNeedOptions.end()) return;
  EXPECT_FALSE(run.text.empty());
  if (std::ranges::find(kLive, GetParam()) != kLive.end()) return;
  const std::string path = kSource + "/tests/golden/" + GetParam() + ".prom";
  if (std::getenv("VITALSD_UPDATE_GOLDENS") != nullptr) std::ofstream(path, std::ios::binary) << run.text;
  ASSERT_TRUE(std::ifstream(path).good()) << path << " is missing: run with VITALSD_UPDATE_GOLDENS=1 and read it";
  EXPECT_EQ(run.text, contents(path));
}

TEST_P(Golden, ReportsOnlyWhatItDeclares) {
  const auto declares = [this](std::string_view name) {
    return std::ranges::any_of(spec().families, [name](const Family* f) { return f->name == name; }) ||
           std::ranges::any_of(kDynamic, [name](std::string_view prefix) { return name.starts_with(prefix); });
  };
  const std::string text = this->run().text;
  constexpr std::string_view kType = "# TYPE ";
  std::size_t families = 0;
  for (std::size_t at = text.find(kType); at != std::string::npos; at = text.find(kType, at + 1)) {
    const std::size_t begin = at + kType.size();
    const std::string name = text.substr(begin, text.find(' ', begin) - begin);
    EXPECT_TRUE(declares(name)) << name;
    ++families;
  }
  const bool silent = std::ranges::find(kNeedOptions, GetParam()) != kNeedOptions.end();
  EXPECT_TRUE(families > 0 || silent);
}

std::vector<std::string> collectors() {
  std::vector<std::string> names;
  for (const CollectorSpec& spec : registered_collectors()) {
    if (std::ranges::find(kWithoutFiles, spec.name) == kWithoutFiles.end()) names.emplace_back(spec.name);
  }
  return names;
}

INSTANTIATE_TEST_SUITE_P(Collectors, Golden, testing::ValuesIn(collectors()),
                         [](const auto& each) { return each.param; });

TEST(Registrations, SayWhatTheyAre) {
  EXPECT_GE(registered_collectors().size(), 14U);
  for (const CollectorSpec& spec : registered_collectors()) {
    EXPECT_FALSE(spec.help.empty()) << spec.name;
    EXPECT_FALSE(spec.families.empty()) << spec.name;
    for (const Family* family : spec.families) {
      EXPECT_FALSE(family->help.empty()) << family->name;
      EXPECT_EQ(std::ranges::count(spec.families, family->name, &Family::name), 1) << family->name;
    }
  }
}

// If the kernel has nothing of what a collector reads, the daemon does not fail: "unavailable", and no series. The
// exceptions do not only read files, or regard an absent file as an answer.
constexpr std::array<std::string_view, 5> kAnswerAnyway = {"selinux", "textfile", "time", "timex", "uname"};
TEST(Registrations, BearAnEmptySystem) {
  const FakeClock clock;
  const Host host = fixture_host(testing::TempDir() + "/no-such-system", clock);
  for (const CollectorSpec& spec : registered_collectors()) {
    const auto collector = spec.make(Options::defaults(spec.options));
    const RunResult run = run_collector(*collector, host);
    if (!run.result) {
      EXPECT_EQ(run.result.error().code, Errc::unavailable) << spec.name;
    } else if (std::ranges::find(kAnswerAnyway, spec.name) == kAnswerAnyway.end()) {
      EXPECT_EQ(run.text, "") << spec.name;
    }
  }
}

}  // namespace
}  // namespace vitalsd
