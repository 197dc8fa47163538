#include "daemon/incidents/report_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vitalsd {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kKill =
    R"json({"cause":"oom_kill","entity":"/pod/a","detail":"1 process killed: eater (pid 7)",
  "hostname":"h","timestamp_seconds":1795875218.8,"history":[
  {"collector":"cgroups","seconds":[-30,-20,-10,-5,0],"series":[
    {"series":"container_memory_working_set_bytes{id=\"/pod/a\"}",
     "values":[104857600,104857600,314572800,1048576000,1063256064]},
    {"series":"container_memory_working_set_bytes{id=\"/pod/b\"}",
     "values":[104857600,104857600,104857600,104857600,104857600]},
    {"series":"vitalsd_cgroup_memory_limit_bytes{id=\"/pod/a\"}",
     "values":[1073741824,1073741824,1073741824,1073741824,1073741824]},
    {"series":"container_cpu_usage_seconds_total{id=\"/pod/a\"}","values":[10,10,10,10,14]}]},
  {"collector":"process_groups","seconds":[-20,-10],"series":[
    {"series":"namedprocess_namegroup_memory_bytes{groupname=\"g\",memtype=\"virtual\"}","values":[9e12,9e12]},
    {"series":"namedprocess_namegroup_memory_bytes{groupname=\"g\",memtype=\"resident\"}",
     "values":[2048,2048]}]}]})json";

TEST(ReportText, SaysWhatHappenedAndWhere) {
  EXPECT_THAT(report_text(kKill), testing::StartsWith("2026-11-28 14:13:38 UTC on h\nThe OOM killer ended a process in "
                                                      "cgroup /pod/a: 1 process killed: eater (pid 7).\n"));
  EXPECT_THAT(report_text(R"({"cause":"target_ended","entity":"db","detail":"SIGKILL"})"),
              HasSubstr("\nThe watched process db ended: SIGKILL.\n"));
  EXPECT_THAT(report_text(R"({"cause":"new_one","entity":"x"})"), HasSubstr("\nnew_one: x.\n"));
}

TEST(ReportText, SaysWhichLimitWasNear) {
  EXPECT_THAT(report_text(kKill), HasSubstr("\nLimits: memory 1014 MiB at most of 1.0 GiB\n"));
}

TEST(ReportText, SaysWhoWasLargestInUseNotInAddresses) {
  EXPECT_THAT(report_text(kKill),
              HasSubstr("\nMemory at the end: cgroup /pod/a 1014 MiB, cgroup /pod/b 100 MiB, group g 2.0 KiB\n"));
  EXPECT_THAT(report_text(kKill), HasSubstr("\nCPU at the end, in cores: cgroup /pod/a 0.80\n"));
}

TEST(ReportText, SaysWhatChangedAndNotWhatDidNot) {
  const std::string text = report_text(kKill);
  EXPECT_THAT(text, HasSubstr("What changed before:\n  container_memory_working_set_bytes id=/pod/a: 100 MiB before, "
                              "1014 MiB at the end, 1014 MiB at most\n"));
  EXPECT_THAT(text.substr(text.find("changed")), Not(HasSubstr("/pod/b")));
}

TEST(ReportText, IsShort) {
  const std::string text = report_text(kKill);
  EXPECT_LE(std::ranges::count(text, '\n'), 12);
}

TEST(ReportText, NamesOfStrangersDoNotMoveTheCursor) {
  const std::string text = report_text("{\"cause\":\"target_ended\",\"entity\":\"a\\u001b[2J\\nb\\u009bc\\u007f\"}");
  EXPECT_THAT(text, HasSubstr("\nThe watched process a?[2J b??c? ended.\n"));
}

TEST(ReportText, WhatIsNoReportIsEmptyAndWhatIsTornIsLeftOut) {
  for (const std::string_view text : {"", "{", "[]", "{}", "{\"cause\":7}", "null"}) EXPECT_EQ(report_text(text), "");
  EXPECT_THAT(report_text(R"({"cause":"pressure","entity":"io","timestamp_seconds":"x","history":[7,{"seconds":[1],
      "series":[null,{"series":7,"values":[1]},{"series":"{","values":[1,"x"]},{"series":"a{b=\"","values":{}}]}]})"),
              HasSubstr("Work stood still for want of io.\n"));
}

}  // namespace
}  // namespace vitalsd
