// The format of /proc/PID/stat, with names that processes choose to confuse readers.
#include "collectors/formats/pid/pid_stat.h"

#include <gtest/gtest.h>

#include <string>

namespace vitalsd {
namespace {

const std::string kTail =
    " S 1 42 43 34816 -1 4194560 100 200 3 4 150 75 11 12 20 -5 7 0 9001 1048576 321 18446744073709551615 1 1 0 0 0 0 "
    "0 "
    "4096 0 0 0 0 17 3 0 0 99 0 0 0 0 0 0 0 0 0 0\n";

TEST(PidStat, ReadsEveryField) {
  const std::string text = "42 (sleep)" + kTail;
  const auto stat = pid_stat::parse(text);
  ASSERT_TRUE(stat);
  EXPECT_EQ(stat->pid, 42);
  EXPECT_EQ(stat->comm, "sleep");
  EXPECT_EQ(stat->state, 'S');
  EXPECT_EQ(stat->ppid, 1);
  EXPECT_EQ(stat->pgrp, 42);
  EXPECT_EQ(stat->session, 43);
  EXPECT_EQ(stat->tty_nr, 34816);
  EXPECT_EQ(stat->tpgid, -1);
  EXPECT_EQ(stat->flags, 4194560U);
  EXPECT_EQ(stat->minflt, 100U);
  EXPECT_EQ(stat->cminflt, 200U);
  EXPECT_EQ(stat->majflt, 3U);
  EXPECT_EQ(stat->cmajflt, 4U);
  EXPECT_EQ(stat->utime, 150U);
  EXPECT_EQ(stat->stime, 75U);
  EXPECT_EQ(stat->cutime, 11U);
  EXPECT_EQ(stat->cstime, 12U);
  EXPECT_EQ(stat->priority, 20);
  EXPECT_EQ(stat->nice, -5);
  EXPECT_EQ(stat->num_threads, 7);
  EXPECT_EQ(stat->starttime, 9001U);
  EXPECT_EQ(stat->vsize, 1048576U);
  EXPECT_EQ(stat->rss, 321U);
  EXPECT_EQ(stat->processor, 3);
  EXPECT_EQ(stat->delayacct_blkio_ticks, 99U);
}

TEST(PidStat, NameReachesToTheLastParenthesis) {
  using namespace std::string_literals;
  for (const std::string& comm :
       {") R 1\n"s, "a b"s, "))"s, "(("s, ""s, ") S 1 2 3"s, "\0x"s, "\n"s, "kworker/0:1H-kblockd"s}) {
    const std::string text = "7 (" + comm + ")" + kTail;  // must outlive the view of the name
    const auto stat = pid_stat::parse(text);
    ASSERT_TRUE(stat) << comm;
    EXPECT_EQ(stat->comm, comm);
    EXPECT_EQ(stat->state, 'S') << comm;
    EXPECT_EQ(stat->ppid, 1) << comm;
  }
}

TEST(PidStat, LaterFieldsAreOptional) {
  const auto stat = pid_stat::parse("1 (init) R 0 1 1 0 -1 0 0 0 0 0 1 2 3 4 20 0 1 0 5 6 7");
  ASSERT_TRUE(stat);
  EXPECT_EQ(stat->rss, 7U);
  EXPECT_EQ(stat->processor, -1);
  EXPECT_EQ(stat->delayacct_blkio_ticks, 0U);
}

TEST(PidStat, RefusesWhatIsNotComplete) {
  for (const std::string& text :
       {std::string(), std::string("42"), std::string("42 (sleep"), std::string("42 )sleep( S 1"),
        std::string("(sleep)") + kTail, "x (sleep)" + kTail, "99999999999 (sleep)" + kTail, std::string("42 (sleep)"),
        std::string("42 (sleep) S"),
        std::string("42 (sleep) SS 1 42 43 34816 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 9 10 11"),
        std::string("42 (sleep) S 1 42 43 34816 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 9 10"),
        std::string("42 (sleep) S 1 42 43 34816 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 9\n10 11"),
        std::string("42 (sleep) S 1 42 43 34816 -1 4194560 1 2 3 4 99999999999999999999 6 7 8 20 0 1 0 9 10 11"),
        std::string("42 (sleep) S 1 42 43 34816 -1 4194560 1 2 3 4 18446744073709551615 6 7 8 20 0 1 0 9 10 11"),
        std::string("42 (sleep) S 1 42 43 34816 -1 4194560 1 2 3 4 -5 6 7 8 20 0 1 0 9 10 11")}) {
    const auto stat = pid_stat::parse(text);
    ASSERT_FALSE(stat) << text;
    EXPECT_EQ(stat.error().code, Errc::malformed) << text;
  }
}

}  // namespace
}  // namespace vitalsd
