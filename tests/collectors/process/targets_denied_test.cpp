// What the kernel does not permit us to see, or does not have, is absent; what was denied is named.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fakes/targets_fixture.h"

namespace vitalsd {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST_F(Targets, WhatIsDeniedIsAbsentAndNamed) {
  system_.start({.pid = 42});
  system_.procfs->error("42/io", EACCES).error("42/exe", EACCES).error("42/cwd", EPERM).error("42/fd", EACCES);
  watch("pid", "42");
  const RunResult run = this->run();
  EXPECT_EQ(of_target(run, "up"), "1");
  for (const char* name : {"read_bytes_total", "write_bytes_total", "syscall_read_bytes_total", "open_fds"}) {
    EXPECT_EQ(of_target(run, name), "-") << name;
  }
  EXPECT_THAT(run.text, HasSubstr(R"(exe="",cwd="",user="www",command="/opt/app --flag"})"));
  for (const std::string field : {"io", "exe", "cwd", "open_fds"}) {
    EXPECT_EQ(of_target(run, "unreadable", ",field=\"" + field + "\",reason=\"denied\""), "1") << field;
  }
  EXPECT_EQ(run.faults.size(), 4U);
  system_.procfs->heal("42/io").heal("42/exe").heal("42/cwd").heal("42/fd");
  const RunResult healed = this->run();
  EXPECT_EQ(of_target(healed, "read_bytes_total"), "23");
  EXPECT_THAT(healed.text, Not(HasSubstr("unreadable")));
}

TEST_F(Targets, WhatTheKernelLacksIsSilentlyAbsent) {
  system_.start({.pid = 42});
  system_.procfs->remove("42/schedstat").remove("42/io").remove("42/oom_score").remove("42/exe");
  watch("pid", "42");
  const RunResult run = this->run();
  EXPECT_EQ(of_target(run, "up"), "1");
  EXPECT_EQ(of_target(run, "run_delay_seconds_total"), "-");
  EXPECT_TRUE(run.faults.empty());
  EXPECT_THAT(run.text, Not(HasSubstr("unreadable")));
  system_.procfs->file("42/schedstat", "0 0 0\n");  // a kernel that does not count
  EXPECT_EQ(of_target(this->run(), "run_delay_seconds_total"), "-");
}

TEST_F(Targets, OneMalformedFileCostsItsFieldsAlone) {
  system_.start({.pid = 42});
  system_.procfs->file("42/io", "nonsense\n");
  watch("pid", "42");
  const RunResult run = this->run();
  EXPECT_EQ(of_target(run, "threads"), "1");
  EXPECT_EQ(of_target(run, "read_bytes_total"), "-");
  EXPECT_EQ(of_target(run, "unreadable", R"(,field="io",reason="malformed")"), "1");
}

TEST_F(Targets, WhereNobodyMayLookNothingIsClaimed) {
  system_.start({.pid = 42});
  system_.procfs->error("42/stat", EPERM);
  watch("pid", "42");
  const RunResult run = this->run();
  EXPECT_EQ(of_target(run, "up"), "-");
  EXPECT_EQ(of_target(run, "unreadable", R"(,field="stat",reason="denied")"), "1");
  system_.procfs->heal("42/stat");
  EXPECT_EQ(of_target(this->run(), "up"), "1");
}

TEST_F(Targets, ANotFoundExecutableMayHaveBeenDenied) {
  system_.start({.pid = 42, .comm = "other"});
  system_.procfs->error("42/exe", EACCES);
  watch("exe", "/opt/app");
  const RunResult run = this->run();
  EXPECT_EQ(of_target(run, "up"), "0");
  EXPECT_EQ(of_target(run, "unreadable", R"(,field="exe",reason="denied")"), "1");
}

TEST_F(Targets, AnUnknownUserIsANumber) {
  system_.start({.pid = 42});
  system_.rootfs->remove("etc/passwd");
  watch("pid", "42");
  EXPECT_THAT(run().text, HasSubstr(R"(user="33")"));
}

TEST_F(Targets, WithoutAProcfsNothingIsClaimed) {
  system_.procfs->remove("stat");
  for (const auto& [field, value] : {std::pair{"pid", "42"}, std::pair{"comm", "app"}}) {
    watch(field, value);
    const RunResult run = run_collector(*collector_, system_.host);
    ASSERT_FALSE(run.result) << field;
    EXPECT_EQ(run.result.error().code, Errc::unavailable) << field;
  }
}

TEST_F(Targets, AWalkStopsOnRequest) {
  system_.start({.pid = 42});
  watch("comm", "app");
  std::stop_source stop;
  stop.request_stop();
  Block block;
  BlockSink sink(block);
  RecordingFaults faults;
  std::string buffer;
  CollectContext context{system_.host, stop.get_token(), {}, buffer, faults};
  const auto result = collector_->collect(context, sink);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::timed_out);
}

}  // namespace
}  // namespace vitalsd
