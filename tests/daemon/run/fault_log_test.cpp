#include "daemon/run/fault_log.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>

namespace vitalsd {
namespace {

class FaultLogTest : public testing::Test {
 protected:
  static PartialFault fault(std::string entity, std::string_view field, Errc code) {
    return {std::move(entity), field, {code, code == Errc::denied ? EACCES : 0, "file"}, "grant CAP_SYS_PTRACE"};
  }
  // What is logged at this level.
  template <class Use>
  static std::string logged(std::string_view level, Use use) {
    testing::internal::CaptureStderr();
    {
      Log log(level, "logfmt");
      FaultLog faults(log);
      use(faults);
    }
    return testing::internal::GetCapturedStderr();
  }
  static long lines(const std::string& text) { return std::ranges::count(text, '\n'); }
};

TEST_F(FaultLogTest, ADeniedFieldIsLoggedOncePerCollectorWithItsRemedy) {
  const auto text = logged("info", [](FaultLog& faults) {
    for (int i = 0; i < 300; ++i) faults.report("process_groups", fault("p" + std::to_string(i), "fds", Errc::denied));
    faults.report("process_groups", fault("p", "io", Errc::denied));
    faults.report("targets", fault("p", "io", Errc::denied));
  });
  EXPECT_EQ(lines(text), 3) << text;
  EXPECT_NE(text.find("remedy=\"grant CAP_SYS_PTRACE\""), std::string::npos) << text;
}

TEST_F(FaultLogTest, WhatIsGoneIsNoWarning) {
  const auto gone = [](FaultLog& faults) {
    faults.report("process_groups", fault("p", "io", Errc::vanished));
    faults.report("process_groups", fault("p", "io", Errc::unavailable));
  };
  EXPECT_EQ(logged("info", gone), "");
  EXPECT_EQ(lines(logged("debug", gone)), 2);
}

TEST_F(FaultLogTest, ABadLineIsLoggedByItsKey) {
  const auto text = logged("info", [](FaultLog& faults) {
    for (int i = 0; i < 2; ++i) {
      for (const char* key : {"MemFree", "Cached"}) faults.report("meminfo", fault(key, "meminfo", Errc::malformed));
    }
  });
  EXPECT_EQ(lines(text), 2) << text;
}

TEST_F(FaultLogTest, AReloadLogsADenialAgain) {
  const auto text = logged("info", [](FaultLog& faults) {
    faults.report("targets", fault("p", "io", Errc::denied));
    faults.forget();
    faults.report("targets", fault("p", "io", Errc::denied));
  });
  EXPECT_EQ(lines(text), 2);
}

}  // namespace
}  // namespace vitalsd
