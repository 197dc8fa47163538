// A real process gives up capabilities and cannot get them back.
#include "daemon/sandbox/capabilities.h"

#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/prctl.h>

#include <fstream>

#include "tests/fakes/in_child.h"

namespace vitalsd {
namespace {

// The values of the lines "CapInh:" to "CapAmb:" in /proc/self/status.
std::string status() {
  std::ifstream file("/proc/self/status");
  std::string values;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("Cap")) values += std::to_string(std::stoull(line.substr(line.find('\t')), nullptr, 16)) + " ";
  }
  return values;
}

constexpr Capabilities kPtrace = capability(CAP_SYS_PTRACE);

class GivingUp : public testing::Test {
 protected:
  void SetUp() override {
    const auto held = capabilities::held();
    const Capabilities needed = kPtrace | capability(CAP_SETPCAP);
    if (!held || (held->effective & needed) != needed) GTEST_SKIP() << "needs root, to have something to give up";
  }
};

TEST_F(GivingUp, LeavesWhatIsWantedInEverySet) {
  const std::string one = std::to_string(kPtrace);
  EXPECT_EQ(in_child([] { return then([] { return capabilities::keep(kPtrace); }, status); }),
            "on 0 " + one + " " + one + " " + one + " 0 ");
  EXPECT_EQ(in_child([] { return then([] { return capabilities::keep(0); }, status); }), "on 0 0 0 0 0 ");
}

TEST_F(GivingUp, CannotBeTakenBack) {
  EXPECT_EQ(in_child([]() -> std::string {
              const auto before = capabilities::held();
              if (capabilities::keep(kPtrace) != "on") return "kept";
              if (capabilities::set_effective(*before, before->permitted)) return "taken back";
              if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_SYS_PTRACE, 0, 0) == 0) return "ambient";
              return ::prctl(PR_CAPBSET_READ, CAP_SYS_ADMIN) == 0 ? "gone" : "bounding";
            }),
            "gone");
}

TEST_F(GivingUp, ProgramsOfRootGetNoMore) {
  const auto execute = [](bool give_up) {
    return in_child([give_up]() -> std::string {
      if (give_up && capabilities::keep(0) != "on") return "kept";
      FILE* shell = ::popen("grep CapEff /proc/self/status", "r");
      char line[64] = "";
      const bool read = shell != nullptr && std::fgets(line, sizeof line, shell) != nullptr;
      return read ? std::string(line) : "nothing";
    });
  };
  EXPECT_EQ(execute(true), "CapEff:\t0000000000000000\n");
  EXPECT_NE(execute(false), "CapEff:\t0000000000000000\n");
}

TEST(Capabilities, HaveNames) {
  EXPECT_EQ(capabilities::names_of(0), "");
  EXPECT_EQ(capabilities::names_of(capability(CAP_BPF) | kPtrace), "CAP_SYS_PTRACE CAP_BPF");
  EXPECT_EQ(capabilities::names_of(capability(63)), "CAP_63");
}

}  // namespace
}  // namespace vitalsd
