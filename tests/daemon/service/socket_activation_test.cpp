#include "daemon/service/socket_activation.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace vitalsd {
namespace {

using Environment = std::map<std::string, std::string, std::less<>>;

// Runs inherited_sockets() in a child whose only open descriptors above 2 are 3 and 4. Returns how many it took, or 100
// if one of them is not close-on-exec.
int taken(const char* count, bool ours = true) {
  const pid_t child = ::fork();
  if (child == 0) {
    for (const int fd : {3, 4}) {
      if (::dup2(STDERR_FILENO, fd) != fd) ::_exit(101);
    }
    ::closefrom(5);
    const pid_t pid = ours ? ::getpid() : ::getppid();
    const auto sockets = inherited_sockets(Environment{{"LISTEN_PID", std::to_string(pid)}, {"LISTEN_FDS", count}});
    for (const int fd : sockets) {
      if ((::fcntl(fd, F_GETFD) & FD_CLOEXEC) == 0) ::_exit(100);
    }
    ::_exit(static_cast<int>(sockets.size()));
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WEXITSTATUS(status);
}

TEST(Inherited, TakesWhatWasPassedToThisProcess) {
  EXPECT_EQ(taken("1"), 1);
  EXPECT_EQ(taken("2"), 2);
  EXPECT_EQ(taken("2", false), 0);
}

TEST(Inherited, TakesNoDescriptorThatIsNotOpen) {
  EXPECT_EQ(taken("3"), 2);
  EXPECT_EQ(taken("2147483647"), 2);
}

TEST(Inherited, PassesOverWhatIsNoNumber) {
  for (const char* count : {"", "0", "-1", "2x", " 2", "99999999999999999999"}) EXPECT_EQ(taken(count), 0) << count;
  EXPECT_TRUE(inherited_sockets(Environment{}).empty());
}

}  // namespace
}  // namespace vitalsd
