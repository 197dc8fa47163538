// The small formats below /proc/PID, as kernels write them and in malformed variants.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "collectors/formats/passwd.h"
#include "collectors/formats/pid/pid_file.h"
#include "collectors/formats/pid/pid_io.h"
#include "collectors/formats/pid/pid_limits.h"
#include "collectors/formats/pid/pid_schedstat.h"
#include "collectors/formats/pid/pid_status.h"
#include "tests/fakes/run_collector.h"

namespace vitalsd {
namespace {

using namespace std::string_literals;

NoFaults no_faults;

const std::string kStatus =
    "Name:\tnginx\nUmask:\t0022\nState:\tS (sleeping)\nTgid:\t42\nNgid:\t0\nPid:\t42\nPPid:\t1\nTracerPid:\t0\n"
    "Uid:\t1000\t33\t33\t33\nGid:\t33\t33\t33\t33\nFDSize:\t64\nGroups:\t33 \nNStgid:\t42\nNSpid:\t42\t7\n"
    "VmPeak:\t   12000 kB\nVmSize:\t   11000 kB\nVmHWM:\t    5000 kB\nVmRSS:\t    4000 kB\nRssAnon:\t    1000 kB\n"
    "RssFile:\t    2900 kB\nRssShmem:\t     100 kB\nVmData:\t    1500 kB\nVmStk:\t     132 kB\nVmSwap:\t       8 kB\n"
    "Threads:\t1\nvoluntary_ctxt_switches:\t150\nnonvoluntary_ctxt_switches:\t545\n";

TEST(PidStatus, ReadsWhatIsUsed) {
  const auto status = pid_status::parse(kStatus, no_faults);
  ASSERT_TRUE(status);
  EXPECT_EQ(status->tgid, 42U);
  EXPECT_EQ(status->euid, 33U);
  EXPECT_EQ(status->pid_namespaces, 2U);
  EXPECT_EQ(status->peak, 5000U * 1024);
  EXPECT_EQ(status->anon, 1000U * 1024);
  EXPECT_EQ(status->file, 2900U * 1024);
  EXPECT_EQ(status->shmem, 100U * 1024);
  EXPECT_EQ(status->data, 1500U * 1024);
  EXPECT_EQ(status->swap, 8U * 1024);
  EXPECT_EQ(status->voluntary_switches, 150U);
  EXPECT_EQ(status->nonvoluntary_switches, 545U);
}

TEST(PidStatus, WhatAKernelThreadLacksIsNotZero) {
  const auto status = pid_status::parse("Name:\tkthreadd\nUid:\t0\t0\t0\t0\nThreads:\t1\n", no_faults);
  ASSERT_TRUE(status);
  for (const auto& field : {status->tgid, status->peak, status->anon, status->file, status->shmem, status->data,
                            status->swap, status->voluntary_switches, status->nonvoluntary_switches}) {
    EXPECT_FALSE(field);
  }
  EXPECT_EQ(status->pid_namespaces, 0U);
}

TEST(PidStatus, TheOrderOfLinesDoesNotMatter) {
  const auto status = pid_status::parse("VmSwap:\t1 kB\nVmHWM:\t2 kB\nTgid:\t3\nUid:\t0\t4\t0\t0\n", no_faults);
  ASSERT_TRUE(status);
  EXPECT_EQ(status->swap, 1024U);
  EXPECT_EQ(status->peak, 2048U);
  EXPECT_EQ(status->tgid, 3U);
  EXPECT_EQ(status->euid, 4U);
}

TEST(PidStatus, RefusesWhatIsNotOfItsForm) {
  for (const std::string& text :
       {""s, "\n\n"s, "Name:\tx\n"s, "Uid:\t0\n"s, "Uid:\t0\tx\t0\t0\n"s, "VmHWM:\t-1 kB\n"s, "VmHWM:\n"s,
        "VmHWM:\t18446744073709551615 kB\n"s, "Tgid:\t99999999999999999999\n"s}) {
    const auto status = pid_status::parse(text, no_faults);
    ASSERT_FALSE(status) << text;
    EXPECT_EQ(status.error().code, Errc::malformed) << text;
  }
}

TEST(PidStatus, ABadLineCostsItself) {
  RecordingFaults lost;
  const auto status = pid_status::parse("Tgid:\tx\nUid:\t0\nVmHWM:\t-1 kB\nVmSwap:\t1 kB\nState:\n", lost);
  ASSERT_TRUE(status);
  EXPECT_FALSE(status->tgid);
  EXPECT_FALSE(status->euid);
  EXPECT_FALSE(status->peak);
  EXPECT_EQ(status->swap, 1024U);
  ASSERT_EQ(lost.faults.size(), 4U);
  EXPECT_EQ(lost.faults[0].entity, "Tgid");
  EXPECT_EQ(lost.faults[0].field, "pid status");
  EXPECT_EQ(lost.faults[0].code, Errc::malformed);
  EXPECT_EQ(lost.faults[3].entity, "State");
}

TEST(PidIo, ReadsWhatIsUsed) {
  const auto io = pid_io::parse(
      "rchar: 11\nwchar: 12\nsyscr: 13\nsyscw: 14\nread_bytes: 15\nwrite_bytes: 16\ncancelled_write_bytes: 17\n",
      no_faults);
  ASSERT_TRUE(io);
  EXPECT_EQ(io->rchar, 11U);
  EXPECT_EQ(io->wchar, 12U);
  EXPECT_EQ(io->read_bytes, 15U);
  EXPECT_EQ(io->write_bytes, 16U);
}

TEST(PidIo, RefusesWhereThereIsNothing) {
  for (const char* text : {"", "rchar: x\n", "rchar:\nwchar:\n", "rchar 1\n", "syscr: 1\n"}) {
    const auto io = pid_io::parse(text, no_faults);
    ASSERT_FALSE(io) << text;
    EXPECT_EQ(io.error().code, Errc::malformed) << text;
  }
}

TEST(PidIo, ABadLineCostsItself) {
  RecordingFaults lost;
  const auto io = pid_io::parse("rchar: x\nwchar: 2\nread_bytes: -3\n", lost);
  ASSERT_TRUE(io);
  EXPECT_FALSE(io->rchar);
  EXPECT_EQ(io->wchar, 2U);
  EXPECT_FALSE(io->read_bytes);
  EXPECT_FALSE(io->write_bytes);
  EXPECT_EQ(lost.faults.size(), 2U) << "a line that is not there is no fault";
}

TEST(PidIo, ANumberThatIsNoCountIsABadLine) {
  RecordingFaults lost;
  const auto io = pid_io::parse("wchar: 9223372036854775807\nread_bytes: 18446744073709551615\n", lost);
  ASSERT_TRUE(io);
  EXPECT_EQ(io->wchar, 9223372036854775807U);
  EXPECT_FALSE(io->read_bytes);
  EXPECT_EQ(lost.faults.size(), 1U);
}

TEST(PidLimits, TakesTheSoftLimit) {
  const std::string head = "Limit                     Soft Limit           Hard Limit           Units     \n";
  const auto limits = pid_limits::parse(
      head + "Max open files            1024                 524288               files     \n", no_faults);
  ASSERT_TRUE(limits);
  EXPECT_EQ(limits->open_files, 1024U);
  const auto none = pid_limits::parse(
      head + "Max open files            unlimited            unlimited            files     \n", no_faults);
  ASSERT_TRUE(none);
  EXPECT_EQ(none->open_files, PidLimits::kUnlimited);
}

TEST(PidLimits, RefusesWhatIsNotOfItsForm) {
  for (const char* text :
       {"", "Max open files\n", "Max open files  many  many files\n", "Max processes 1 2 processes\n"}) {
    EXPECT_FALSE(pid_limits::parse(text, no_faults)) << text;
  }
}

TEST(PidLimits, ABadLineCostsItself) {
  const auto limits = pid_limits::parse("Max open files  many  many files\nMax address space 5 6 bytes\n", no_faults);
  ASSERT_TRUE(limits);
  EXPECT_FALSE(limits->open_files);
  EXPECT_EQ(limits->address_space, 5U);
}

TEST(PidSchedstat, ReadsItsThreeNumbers) {
  const auto sched = pid_schedstat::parse("123456 789 10\n");
  ASSERT_TRUE(sched);
  EXPECT_EQ(sched->run_time, 123456U);
  EXPECT_EQ(sched->run_delay, 789U);
  EXPECT_EQ(sched->timeslices, 10U);
  EXPECT_TRUE(sched->counted());
  EXPECT_FALSE(pid_schedstat::parse("0 0 0\n")->counted());
  for (const char* text : {"", "1 2\n", "1 2 x\n", "1 2 -3\n", "1\n2 3\n"})
    EXPECT_FALSE(pid_schedstat::parse(text)) << text;
}

TEST(PidFile, HoldsANumberOnItsFirstLine) {
  for (const auto& text : {"4242"s, "4242\n/var/lib/postgresql/15/main\n1700000000\n5432\nready   \n"s, "4242\n89\n"s,
                           "\r\n 4242 \t\r\nx"s, "4242\n" + std::string(4000, 'x'), "4242\n"s, " \t4242\r\n\n"s,
                           std::string(60, ' ') + "4242"}) {
    const auto pid = pid_file::parse(text);
    ASSERT_TRUE(pid) << text;
    EXPECT_EQ(*pid, 4242) << text;
  }
  EXPECT_EQ(pid_file::parse("4194304").value(), 4194304);
}

TEST(PidFile, RefusesAnythingElse) {
  for (const auto& text : {""s, "\n"s, "0"s, "-1"s, "+1"s, "4194305"s, "99999999999"s, "12 34"s, "12x"s, "pid=12"s,
                           "0x12"s, "12\0"s, "x\n12\n"s, "12 \v3\n4\n"s}) {
    const auto pid = pid_file::parse(text);
    ASSERT_FALSE(pid) << text;
    EXPECT_EQ(pid.error().code, Errc::malformed) << text;
  }
  EXPECT_EQ(pid_file::parse(std::string(61, ' ') + "4242").error().code, Errc::too_large);
}

TEST(Passwd, NamesTheFirstOfAnId) {
  const std::string text =
      "root:x:0:0:root:/root:/bin/bash\n+\n# "
      "comment\n:x:33:33::/:\nwww-data:x:33:33:www-data:/var/www:/usr/sbin/nologin\n"
      "www:x:33:33::/:\nbroken:x:abc:1::/:\nlast:x:1000";
  EXPECT_EQ(passwd::name_of(text, 0), "root");
  EXPECT_EQ(passwd::name_of(text, 33), "www-data");
  EXPECT_EQ(passwd::name_of(text, 34), "");
  EXPECT_EQ(passwd::name_of(text, 1000), "");  // a line without its other fields is not an entry
  EXPECT_EQ(passwd::name_of("", 0), "");
}

}  // namespace
}  // namespace vitalsd
