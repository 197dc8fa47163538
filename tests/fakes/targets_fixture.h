// The fixture of the collector `targets` over made-up processes.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>

#include "tests/fakes/fake_processes.h"

namespace vitalsd {

class Targets : public testing::Test {
 protected:
  RunResult run() {
    system_.procfs->forget_reads();
    RunResult result = run_collector(*collector_, system_.host);
    EXPECT_TRUE(result.result) << describe(result.result.error());
    return result;
  }
  void watch(const std::string& field, const std::string& value) {
    collector_ = system_.watch({{{"name", "t"}, {field, value}}});
  }
  /// Expects only up, matches, restarts and the counted ends, and nothing about a process.
  static void expect_absent(const RunResult& run, const std::string& restarts = "0") {
    EXPECT_EQ(of_target(run, "up"), "0");
    EXPECT_EQ(of_target(run, "matches"), "0");
    EXPECT_EQ(of_target(run, "restarts_total"), restarts);
    const bool ended = run.text.contains("vitalsd_target_exits_total");
    // HELP, TYPE and one sample for each family.
    EXPECT_EQ(std::ranges::count(run.text, '\n'), ended ? 12 : 9) << run.text;
  }
  bool walked() const { return std::ranges::count(system_.procfs->reads(), "") != 0; }

  FakeProcesses system_;
  std::unique_ptr<Collector> collector_;
};

}  // namespace vitalsd
