// Runs the collector `targets` over a small tree of processes and compares it with tests/golden/targets.prom.
// VITALSD_UPDATE_GOLDENS=1 writes the golden again; read the difference before you commit it.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/fakes/fake_clock.h"
#include "tests/fakes/run_collector.h"

namespace vitalsd {
namespace {

const std::string kSource = VITALSD_SOURCE_DIR;

TEST(TargetsGolden, IsAsItWas) {
  const FakeClock clock;
  const Host host = fixture_host(kSource + "/tests/fixtures/targets", clock);
  const CollectorSpec& spec = *find_collector("targets");
  Options options = Options::defaults(spec.options);
  options.set("watch", {.text = {},
                        .items = {},
                        .records = {{{"name", "web"}, {"unit", "nginx"}},
                                    {{"name", "worker"}, {"cmdline", "worker process$"}},
                                    {{"name", "db"}, {"pidfile", "/run/db.pid"}},
                                    {{"name", "db in its \"container\""}, {"container", "0123456789abcdef"}},
                                    {{"name", "batch"}, {"pid", "300"}},
                                    {{"name", "kernel"}, {"comm", "kthreadd"}},
                                    {{"name", "missing"}, {"exe", "/usr/bin/missing"}}}});
  const auto collector = spec.make(options);
  run_collector(*collector, host);
  const RunResult run = run_collector(*collector, host);
  ASSERT_TRUE(run.result) << describe(run.result.error());
  EXPECT_TRUE(run.faults.empty()) << run.faults.front().field;
  const std::string path = kSource + "/tests/golden/targets.prom";
  if (std::getenv("VITALSD_UPDATE_GOLDENS") != nullptr) std::ofstream(path, std::ios::binary) << run.text;
  std::ifstream in(path, std::ios::binary);
  ASSERT_TRUE(in.good()) << path << " is missing: run with VITALSD_UPDATE_GOLDENS=1 and read it";
  EXPECT_EQ(run.text, std::string(std::istreambuf_iterator<char>(in), {}));
  for (const Family* family : spec.families) {
    const bool there = run.text.find("# TYPE " + std::string(family->name) + " ") != std::string::npos;
    EXPECT_TRUE(there || family->name == "vitalsd_target_unreadable" || family->name == "vitalsd_target_exits_total")
        << family->name;
  }
}

}  // namespace
}  // namespace vitalsd
