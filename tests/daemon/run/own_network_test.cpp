// Whether the paths are of our own network namespace.
#include "daemon/run/own_network.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <unistd.h>

#include "tests/fakes/in_child.h"

namespace vitalsd {
namespace {

std::string answer(const Config::Paths& paths) { return reads_own_network(paths) ? "yes" : "no"; }

TEST(OwnNetwork, IsThatOfProcAndSys) {
  Config::Paths paths;
  paths.procfs = "/proc";
  paths.sysfs = "/sys";
  EXPECT_EQ(answer(paths), "yes");
  paths.procfs = testing::TempDir();
  EXPECT_EQ(answer(paths), "no") << "a directory of files";
  paths.procfs = "/proc";
  paths.sysfs = testing::TempDir();
  EXPECT_EQ(answer(paths), "no");
}

// As in a container that has the host's files mounted, with the host's network and with one of its own.
TEST(OwnNetwork, IsComparedWithThatOfTheFirstProcess) {
  std::string at = testing::TempDir() + "/host_XXXXXX";
  ASSERT_NE(::mkdtemp(at.data()), nullptr);
  Config::Paths paths;
  paths.procfs = at;
  paths.sysfs = "/sys";
  const auto other_network = [&paths]() -> std::string {
    return ::unshare(CLONE_NEWNET) == 0 ? answer(paths) : "refused";
  };
  const auto first_process = [&]() -> std::string {
    if (::mount("proc", at.c_str(), "proc", 0, nullptr) != 0) return "refused";
    return then([&paths] { return answer(paths); }, [&other_network] { return in_child(other_network); });
  };
  const std::string answers = in_child([&]() -> std::string {
    if (::unshare(CLONE_NEWNS | CLONE_NEWPID) != 0) return "refused";
    if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return "refused";
    return in_child(first_process);
  });
  ::rmdir(at.c_str());
  if (answers.find("refused") != std::string::npos) GTEST_SKIP() << "no namespaces here";
  EXPECT_EQ(answers, "yes no");
}

}  // namespace
}  // namespace vitalsd
