// Whom the kernel killed, out of what it logs; and its real log where we may read and write it.
#include "daemon/incidents/oom_log.h"

#include <fcntl.h>
#include <gtest/gtest.h>

namespace vitalsd {
namespace {

const std::string kCgroup =
    "6,100,5000,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/app,"
    "task_memcg=/app/worker,task=eater,pid=123,uid=0\n";
const std::string kMemory =
    "3,101,5001,-;Memory cgroup out of memory: Killed process 123 (eater) total-vm:500kB, anon-rss:40kB, file-rss:3kB, "
    "shmem-rss:2kB, UID:0 pgtables:8kB oom_score_adj:0\n SUBSYSTEM=x\n";

TEST(OomRecords, NameTheProcessItsCgroupAndMemory) {
  OomRecords records;
  records.take(kCgroup);
  records.take("6,7,8,-;something else\n");
  records.take(kMemory);
  EXPECT_TRUE(records.killed_in("/app").empty()) << "only in the cgroup itself";
  const auto killed = records.killed_in("/app/worker");
  ASSERT_EQ(killed.size(), 1U);
  EXPECT_EQ(killed[0].pid, 123);
  EXPECT_EQ(killed[0].comm, "eater");
  EXPECT_EQ(killed[0].resident_bytes, 45U * 1024);
  EXPECT_TRUE(records.killed_in("/app/worker").empty()) << "each is reported once";
}

TEST(OomRecords, OthersThanTheKernelAreNotBelieved) {
  OomRecords records;
  records.take("14" + kCgroup.substr(1));  // LOG_USER
  records.take("x" + kCgroup.substr(1));
  EXPECT_TRUE(records.all().empty());
}

TEST(OomRecords, AHostileNameIsTakenAsAName) {
  OomRecords records;
  records.take("6,1,1,-;oom-kill:constraint=C,task_memcg=/a,task=x,pid=9,uid=9,pid=123,uid=0\n");
  records.take("6,1,1,-;Killed process 123 () total-vm:1kB, anon-rss:9kB) total-vm:5kB, anon-rss:4kB, file-rss:3kB\n");
  const auto killed = records.killed_in("/a");
  ASSERT_EQ(killed.size(), 1U);
  EXPECT_EQ(killed[0].pid, 123);
  EXPECT_EQ(killed[0].comm, "x,pid=9,uid=9");
  EXPECT_EQ(killed[0].resident_bytes, 7U * 1024);
}

TEST(OomRecords, WithoutACgroupNobodyIsNamed) {
  OomRecords records;
  records.take(kMemory);
  for (std::size_t size = 0; size + 1 < kCgroup.size(); ++size) records.take(kCgroup.substr(0, size));
  for (const KilledProcess& each : records.all()) EXPECT_EQ(each.cgroup, "/app/worker");
  EXPECT_LE(records.all().size(), 1U) << "what lacks the last number alone";
}

TEST(OomRecords, AreBounded) {
  OomRecords records;
  for (int i = 0; i < 1000; ++i) records.take(kCgroup);
  EXPECT_EQ(records.all().size(), OomRecords::kMost);
}

TEST(OomLog, GivesWhatComesFromNowOn) {
  OomLog log;
  if (!log.available()) GTEST_SKIP() << "the kernel's log is not ours to read";
  log.read();
  EXPECT_TRUE(log.records.all().empty());
  log.read();
}

}  // namespace
}  // namespace vitalsd
