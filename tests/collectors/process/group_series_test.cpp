// How many series a group has: beside process-exporter's a handful, whatever its processes do.
#include <gtest/gtest.h>

#include "tests/fakes/group_fixture.h"

namespace vitalsd {
namespace {

using namespace std::chrono_literals;

std::size_t lines_with(const std::string& text, const std::string& prefix) {
  std::size_t count = 0;
  for (std::size_t at = 0; (at = text.find("\n" + prefix, at)) != std::string::npos; ++at) {
    const std::string line = text.substr(at + 1, text.find('\n', at + 1) - at - 1);
    if (line.find("groupname=\"app\"") != std::string::npos) ++count;
  }
  return count;
}

TEST(GroupSeries, AreProcessExportersAndFiveMoreAtMost) {
  FakeProcesses fakes;
  const CollectorSpec& spec = *find_collector("process_groups");
  Options options = Options::defaults(spec.options);
  options.set("procnames", {.text = "app", .items = {}, .records = {}});
  const auto collector = spec.make(options);
  fakes.start({.pid = 7});
  fakes.start({.pid = 8, .ppid = 7});
  RunResult run{};
  for (int i = 0; i < 20; ++i) {  // over some minutes of the clock
    fakes.clock.advance(10s);
    if (i == 10) fakes.end(8);
    run = run_collector(*collector, fakes.host);
    ASSERT_TRUE(run.result);
  }
  EXPECT_EQ(lines_with(run.text, "namedprocess_"), 21U) << run.text;
  // Run delay and two maxima are there; time of ended children, and ends by one reason, may follow.
  EXPECT_EQ(lines_with(run.text, "vitalsd_"), 3U) << run.text;
}

using GroupReasons = GroupTrackerTest;

TEST_F(GroupReasons, AreBounded) {
  make({}, "app");
  process(7, "app");
  round();
  for (std::uint32_t code = 0; code < 200; ++code) ended.push_back({.pid = 100, .parent = 7, .status = code << 8U});
  round();
  EXPECT_EQ(group("app").exits.size(), 17U);
  EXPECT_EQ(group("app").exits.at("other"), 184U);
}

}  // namespace
}  // namespace vitalsd
