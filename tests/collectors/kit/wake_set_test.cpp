// One descriptor that stands for several (epoll(7)), on real ones.
#include "collectors/kit/wake_set.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/eventfd.h>

#include <cerrno>
#include <system_error>

namespace vitalsd {
namespace {

bool is_readable(int fd) {
  pollfd polled{.fd = fd, .events = POLLIN, .revents = 0};
  return ::poll(&polled, 1, 0) == 1;
}

struct AWakeSet : testing::Test {
  Fd one{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  Fd other{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
};

TEST_F(AWakeSet, IsReadableWhileOneOfThemIs) {
  WakeSet set{one.get(), other.get()};
  EXPECT_FALSE(is_readable(set.fd()));
  ::eventfd_write(other.get(), 1);
  EXPECT_TRUE(is_readable(set.fd()));
  eventfd_t ignored = 0;
  ::eventfd_read(other.get(), &ignored);
  EXPECT_FALSE(is_readable(set.fd()));
}

TEST_F(AWakeSet, StandsInAnother) {
  WakeSet inner{one.get()};
  WakeSet outer{inner.fd()};
  ::eventfd_write(one.get(), 1);
  EXPECT_TRUE(is_readable(outer.fd()));
}

TEST_F(AWakeSet, LosesWhatIsRemoved) {
  WakeSet set{one.get()};
  ::eventfd_write(one.get(), 1);
  set.remove(one.get());
  EXPECT_FALSE(is_readable(set.fd()));
}

TEST_F(AWakeSet, ReportsWhatItCannotTake) {
  WakeSet set;
  const auto added = set.add(-1, "socket");
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().sys, EBADF);
  EXPECT_EQ(added.error().where, "socket");
}

TEST_F(AWakeSet, IsRefusedAtTheStartWithoutADescriptor) {
  EXPECT_THROW(WakeSet{-1}, std::system_error);
  errno = EMFILE;
  EXPECT_THROW(required_fd(-1, "epoll_create1"), std::system_error);
}

}  // namespace
}  // namespace vitalsd
