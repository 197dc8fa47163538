// The small formats below /proc and /sys: valid texts and rejected ones.
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "collectors/formats/cpu_list.h"
#include "collectors/formats/file_nr.h"
#include "collectors/formats/loadavg.h"
#include "collectors/formats/net/net_netstat.h"
#include "collectors/formats/pid/pid_limits.h"
#include "collectors/formats/psi.h"
#include "collectors/formats/uptime.h"

namespace vitalsd {
namespace {

using namespace std::string_literals;

NoFaults no_faults;

TEST(Loadavg, ReadsThreeAverages) {
  const auto load = loadavg::parse("0.21 12.5 1024.00 3/719 19737\n");
  ASSERT_TRUE(load);
  EXPECT_EQ(load->one, 0.21);
  EXPECT_EQ(load->five, 12.5);
  EXPECT_EQ(load->fifteen, 1024);
}

TEST(Loadavg, RefusesTheRest) {
  for (const std::string& text : {""s, "\n"s, "0.1 0.2"s, "0.1\n0.2 0.3"s, "0.1 0.2 x"s, "0.1 0.2 0.3,1"s, "nan 0 0"s,
                                  "0 inf 0"s, "0 1e999 0"s, "0.1\0 0.2 0.3"s, std::string(1 << 20, '9')}) {
    EXPECT_FALSE(loadavg::parse(text)) << text.substr(0, 40);
  }
}

TEST(Uptime, ReadsSecondsSinceBoot) {
  EXPECT_EQ(uptime::parse("4935.12 9452.08\n").value(), 4935.12);
  EXPECT_EQ(uptime::parse("0.00 0.00\n").value(), 0);
  for (const std::string& text : {""s, "-1 2"s, "nan 2"s, "inf 2"s, "x"s, "1,5 2"s})
    EXPECT_FALSE(uptime::parse(text)) << text;
}

TEST(FileNr, ReadsAllocatedAndMaximum) {
  const auto files = file_nr::parse("1024\t0\t9223372036854775807\n");
  ASSERT_TRUE(files);
  EXPECT_EQ(files->allocated, 1024U);
  EXPECT_EQ(files->maximum, 9223372036854775807U);
  for (const std::string& text : {""s, "1024"s, "1024\t0"s, "1024\t0\t-1"s, "1\t2\t18446744073709551616"s}) {
    EXPECT_FALSE(file_nr::parse(text)) << text;
  }
}

TEST(Psi, ReadsTotalsAsSeconds) {
  const auto both =
      psi::parse("some avg10=0.18 avg60=0.34 avg300=0.10 total=1500000\nfull avg10=0.00 total=1\n", no_faults);
  ASSERT_TRUE(both);
  EXPECT_EQ(both->some_seconds, 1.5);
  EXPECT_EQ(both->full_seconds, 1e-6);
  const auto irq = psi::parse("full avg10=0.00 avg60=0.00 avg300=0.00 total=8494", no_faults);
  ASSERT_TRUE(irq);
  EXPECT_TRUE(std::isnan(irq->some_seconds));
  EXPECT_EQ(irq->full_seconds, 0.008494);
}

TEST(Psi, RefusesTheRest) {
  for (const std::string& text :
       {""s, "none total=1"s, "some"s, "some avg10=0.00"s, "some total="s, "some total=-1"s, "some total=x"s,
        "some avg10=1\ntotal=5"s, "some total=x\nfull avg10=0"s, "some total=18446744073709551616"s}) {
    EXPECT_FALSE(psi::parse(text, no_faults)) << text;
  }
}

TEST(Psi, ABadLineCostsItself) {
  const auto some = psi::parse("some total=1000000\nfull avg10=0\n", no_faults);
  ASSERT_TRUE(some);
  EXPECT_EQ(some->some_seconds, 1);
  EXPECT_TRUE(std::isnan(some->full_seconds));
}

TEST(CpuList, ReadsNumbersAndRanges) {
  using List = std::vector<std::uint32_t>;
  const std::vector<std::pair<std::string, List>> cases = {
      {"", {}},     {"\n", {}},         {"0", {0}}, {"0-3\n", {0, 1, 2, 3}}, {"1,3-5,9", {1, 3, 4, 5, 9}},
      {"2-2", {2}}, {"65535", {65535}},
  };
  for (const auto& [text, expected] : cases) {
    List list = {77};
    ASSERT_TRUE(cpu_list::parse(text, list)) << text;
    EXPECT_EQ(list, expected) << text;
  }
  List list;
  for (const std::string text : {",", "1,", ",1", "1,,2", "3-1", "a", "1-", "-1", "65536", "0-4294967295",
                                 "0-18446744073709551615", "1-2-3", "1,1", "2,1", "0-3,2", "1 2", "1\n\n"}) {
    EXPECT_FALSE(cpu_list::parse(text, list)) << text;
  }
}

TEST(PidLimits, ReadsSoftLimits) {
  const auto limits = pid_limits::parse(
      "Limit                     Soft Limit           Hard Limit           Units     \n"
      "Max open files            1024                 524288               files     \n"
      "Max address space         unlimited            unlimited            bytes     \n",
      no_faults);
  ASSERT_TRUE(limits);
  EXPECT_EQ(limits->open_files, 1024U);
  EXPECT_EQ(limits->address_space, PidLimits::kUnlimited);
  const auto one = pid_limits::parse("Max address space 4096 4096 bytes", no_faults);
  ASSERT_TRUE(one);
  EXPECT_FALSE(one->open_files);
  EXPECT_EQ(one->address_space, 4096U);
  for (const std::string text :
       {"", "Max processes 1 1\n", "Max open files", "Max open files   \n1024", "Max open files x x files",
        "Max open files -1 -1 files", "Max open files 99999999999999999999 1"}) {
    EXPECT_FALSE(pid_limits::parse(text, no_faults)) << text;
  }
}

TEST(NetNetstat, ABadValueCostsItself) {
  const auto octets = net_netstat::parse_octets("IpExt: InOctets OutOctets\nIpExt: x 5\n", no_faults);
  ASSERT_TRUE(octets);
  EXPECT_FALSE(octets->in);
  EXPECT_EQ(octets->out, 5U);
}

TEST(NetNetstat, ReadsOctetsOfIp) {
  const auto octets = net_netstat::parse_octets(
      "TcpExt: InOctets A\nTcpExt: 7 8\nIpExt: A InOctets OutOctets B\nIpExt: -1 10 18446744073709551615 2\n",
      no_faults);
  ASSERT_TRUE(octets);
  EXPECT_EQ(octets->in, 10U);
  EXPECT_EQ(octets->out, 18446744073709551615U);
  const auto none = net_netstat::parse_octets("IpExt: A\nIpExt: 1\n", no_faults);
  ASSERT_TRUE(none);
  EXPECT_FALSE(none->in);
  for (const std::string text : {"", "TcpExt: A\nTcpExt: 1\n", "IpExt: InOctets\n", "IpExt: InOctets\nTcpExt: 1\n",
                                 "IpExt: InOctets\nIpExt:\n", "IpExt: InOctets\nIpExt: x\n",
                                 "IpExt: A InOctets\nIpExt: 1\n", "IpExt: InOctets\nIpExt: 18446744073709551616"}) {
    EXPECT_FALSE(net_netstat::parse_octets(text, no_faults)) << text;
  }
}

}  // namespace
}  // namespace vitalsd
