#include "collectors/process/sources/exit_events.h"

#include <gtest/gtest.h>
#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/netlink.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <thread>

#include "collectors/process/sources/exit_status.h"
#include "tests/fakes/few_descriptors.h"
#include "tests/fakes/live_process.h"

namespace vitalsd {
namespace {

std::vector<char> message(const proc_event& event) {
  std::vector<char> bytes(NLMSG_HDRLEN + sizeof(cn_msg) + sizeof event);
  cn_msg head{};
  head.id = {CN_IDX_PROC, CN_VAL_PROC};
  head.len = sizeof event;
  std::memcpy(bytes.data() + NLMSG_HDRLEN, &head, sizeof head);
  std::memcpy(bytes.data() + NLMSG_HDRLEN + sizeof head, &event, sizeof event);
  return bytes;
}

TEST(ExitEvent, IsReadFromAFirstThreadsWholeMessage) {
  proc_event event{};
  event.what = proc_event::PROC_EVENT_EXIT;
  event.event_data.exit = {
      .process_pid = 7, .process_tgid = 7, .exit_code = 256, .exit_signal = 17, .parent_pid = 4, .parent_tgid = 3};
  ProcessExit exit;
  ASSERT_TRUE(parse_exit_event(message(event), exit));
  EXPECT_EQ(exit.pid, 7);
  EXPECT_EQ(exit.parent, 3);
  EXPECT_EQ(exit.status, 256U);
  const auto whole = message(event);
  const std::size_t needed =
      NLMSG_HDRLEN + sizeof(cn_msg) + offsetof(proc_event, event_data) + sizeof event.event_data.exit;
  for (std::size_t size = 0; size < needed; ++size) {
    EXPECT_FALSE(parse_exit_event({whole.data(), size}, exit)) << size;
  }
  event.event_data.exit.process_pid = 8;  // another thread
  EXPECT_FALSE(parse_exit_event(message(event), exit));
  event.what = proc_event::PROC_EVENT_EXEC;
  EXPECT_FALSE(parse_exit_event(message(event), exit));
}

TEST(ExitReason, NamesCodesAndSignals) {
  std::string buffer;
  EXPECT_EQ(exit_reason(0, buffer), "exit_0");
  EXPECT_EQ(exit_reason(3 << 8, buffer), "exit_3");
  EXPECT_EQ(exit_reason(9, buffer), "SIGKILL");
  EXPECT_EQ(exit_reason(11 | 0x80, buffer), "SIGSEGV") << "with a core";
  EXPECT_EQ(exit_reason(40, buffer), "SIG40");
}

TEST(ExitEvents, ReportHowRealProcessesEnd) {
  ExitEvents events;
  if (!events.available()) GTEST_SKIP() << "the kernel does not let us listen to its process connector";
  const pid_t code = ::fork();
  if (code == 0) ::_exit(3);
  const pid_t killed = ::fork();
  if (killed == 0) {
    std::thread([] { ::pause(); }).detach();
    ::pause();
  }
  ::kill(killed, SIGKILL);
  ::waitpid(code, nullptr, 0);
  ::waitpid(killed, nullptr, 0);
  std::vector<ProcessExit> taken, ours;
  pollfd poll{events.fd(), POLLIN, 0};
  while (ours.size() < 2 && ::poll(&poll, 1, kPatience) == 1) {
    events.receive();
    events.take(taken);
    for (const ProcessExit& exit : taken) {
      if (exit.pid == code || exit.pid == killed) ours.push_back(exit);
    }
  }
  ASSERT_EQ(ours.size(), 2U) << "one each, however many threads";
  std::string buffer;
  for (const ProcessExit& exit : ours) {
    EXPECT_EQ(exit.parent, ::getpid());
    EXPECT_EQ(exit_reason(exit.status, buffer), exit.pid == code ? "exit_3" : "SIGKILL");
  }
}

TEST(ExitEvents, AreAskedForAgainWhenThereWasNoSocket) {
  if (!ExitEvents().available()) GTEST_SKIP() << "the kernel does not let us listen to its process connector";
  std::optional<ExitEvents> events;
  {
    const FewDescriptors few(1);
    events.emplace();
  }
  ASSERT_FALSE(events->available());
  ASSERT_TRUE(events->lack());
  EXPECT_EQ(events->lack()->sys, EMFILE);
  events->renew({});
  ASSERT_TRUE(events->available());
  EXPECT_FALSE(events->lack());
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  ::waitpid(child, nullptr, 0);
  pollfd poll{events->fd(), POLLIN, 0};
  EXPECT_EQ(::poll(&poll, 1, kPatience), 1) << "what the loop polls is the same as before";
}

}  // namespace
}  // namespace vitalsd
