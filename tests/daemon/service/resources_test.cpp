#include "daemon/service/resources.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>

namespace vitalsd {
namespace {

TEST(Resources, ConnectionsLeaveRoomForFiles) {
  EXPECT_EQ(connections_for(kNeededDescriptors, 512), 8U);
  EXPECT_EQ(connections_for(16384, 512), 512U);
  EXPECT_LT(connections_for(256, 512), 128U);
  EXPECT_GT(connections_for(1024, 512), 100U);
}

TEST(ResourcesDeathTest, TooFewDescriptorsAreNamedWithTheirRemedy) {
  const auto with_limit = [](rlim_t limit) {
    const rlimit both{limit, limit};
    if (::setrlimit(RLIMIT_NOFILE, &both) != 0) std::exit(3);
    const std::string lack = claim_descriptors();
    std::fputs(lack.c_str(), stderr);
    std::exit(lack.empty() ? 0 : 1);
  };
  EXPECT_EXIT(with_limit(20), testing::ExitedWithCode(1), "needs 96 file descriptors and may have 20: raise the limit");
  EXPECT_EXIT(with_limit(kNeededDescriptors), testing::ExitedWithCode(0), "");
}

TEST(ResourcesDeathTest, TheSoftLimitIsRaised) {
  const auto raised = [] {
    const rlimit few{64, 200};
    if (::setrlimit(RLIMIT_NOFILE, &few) != 0 || !claim_descriptors().empty()) std::exit(3);
    std::exit(descriptor_limit() == 200 ? 0 : 1);
  };
  EXPECT_EXIT(raised(), testing::ExitedWithCode(0), "");
}

TEST(ResourcesDeathTest, NoMemoryIsOneLineAndNoAbort) {
  const auto out_of_memory = [] {
    end_clearly_without_memory();
    try {
      throw std::bad_alloc();
    } catch (const std::bad_alloc&) {
      std::terminate();
    }
  };
  EXPECT_EXIT(out_of_memory(), testing::ExitedWithCode(1), "^vitalsd: out of memory: give it more");
}

}  // namespace
}  // namespace vitalsd
