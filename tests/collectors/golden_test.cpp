// Every collector over the same fixtures, compared with tests/golden/NAME.prom: read the golden to see what it reports.
// VITALSD_UPDATE_GOLDENS=1 writes them anew; read the difference before you commit it.
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

// Their output is of the machine that runs the test.
constexpr std::array<std::string_view, 3> kLive = {"filesystem", "timex", "uname"};
// They report nothing until their options tell them what: golden tests of their own.
constexpr std::array<std::string_view, 4> kNeedOptions = {"exec", "process_groups", "sysctl", "targets"};
// Collectors whose families the kernel may add to, by the beginning of the names.
constexpr std::array<std::string_view, 5> kDynamic = {"node_hwmon_", "node_memory_", "node_netstat_", "node_sockstat_",
                                                      "node_vmstat_"};

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
    // Paths in labels begin where the checkout lies.
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
  for (const CollectorSpec& spec : registered_collectors()) names.emplace_back(spec.name);
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

// A kernel that has nothing of what a collector reads is no failure of the daemon: "unavailable", and no series.
TEST(Registrations, BearAnEmptySystem) {
  const FakeClock clock;
  const Host host = fixture_host(testing::TempDir() + "/no-such-system", clock);
  for (const CollectorSpec& spec : registered_collectors()) {
    const auto collector = spec.make(Options::defaults(spec.options));
    const RunResult run = run_collector(*collector, host);
    if (!run.result) {
      EXPECT_EQ(run.result.error().code, Errc::unavailable) << spec.name;
    }
  }
}

}  // namespace
}  // namespace vitalsd
