// Whether a procfs is of our own network namespace.
#include "daemon/run/own_network.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "tests/fakes/in_child.h"

namespace vitalsd {
namespace {

std::string contents(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(OwnNetwork, IsThatOfEveryProcfs) {
  EXPECT_TRUE(reads_own_network("/proc"));
  EXPECT_FALSE(reads_own_network(testing::TempDir())) << "a directory of files";
  EXPECT_FALSE(reads_own_network("/no such directory"));
}

// As in a container that has the host's procfs, and a network of its own.
TEST(OwnNetwork, IsWhatAnothersProcfsShows) {
  std::string at = testing::TempDir() + "/host_XXXXXX";
  ASSERT_NE(::mkdtemp(at.data()), nullptr);
  const std::string seen = in_child([&at]() -> std::string {
    const bool mounted = ::unshare(CLONE_NEWNS) == 0 &&
                         ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                         ::mount("proc", at.c_str(), "proc", 0, nullptr) == 0;
    if (!mounted || ::unshare(CLONE_NEWNET) != 0) return "refused";
    const std::string devices = contents(at + "/net/dev");
    const bool own = devices.find(" lo:") != std::string::npos && devices == contents("/proc/net/dev");
    return own && reads_own_network(at) ? "own" : devices;
  });
  ::rmdir(at.c_str());
  if (seen == "refused") GTEST_SKIP() << "no namespaces here";
  EXPECT_EQ(seen, "own");
}

}  // namespace
}  // namespace vitalsd
