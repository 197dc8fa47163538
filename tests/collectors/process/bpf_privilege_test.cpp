// What the BPF source needs, and what it sees in namespaces.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

#include "core/fd.h"
#include "tests/fakes/bpf_fixture.h"
#include "tests/fakes/own_threads.h"

namespace vitalsd {
namespace {

// What a forked process sees in the iterator and in procfs after it has changed its own state.
std::string seen_by_child(const std::function<std::string()>& look) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) std::abort();
  const pid_t child = ::fork();
  if (child == 0) {
    const std::string text = look();
    ::_exit(::write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size()) ? 0 : 1);
  }
  ::close(ends[1]);
  const Fd from(ends[0]);
  std::string text(4096, '\0');
  const ssize_t got = ::read(from.get(), text.data(), text.size());
  ::waitpid(child, nullptr, 0);
  text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  return text;
}

// All processes that a source opened in this process returns, as "pid/ppid/start ...".
std::string processes_seen(ProcessSource& source) {
  const Clock clock;
  const Host host{.procfs = open_directory("/proc"), .clock = &clock};
  std::string buffer;
  RecordingFaults faults;
  CollectContext context{host, {}, {}, buffer, faults};
  const auto samples = source.scan(context);
  if (!samples) return describe(samples.error());
  std::string text;
  for (const auto& sample : *samples) {
    text +=
        std::to_string(sample.id.pid) + "/" + std::to_string(sample.ppid) + "/" + std::to_string(sample.id.start) + " ";
  }
  return text;
}

std::string opened_and_seen() {
  std::string why;
  const auto source = open_bpf_source(Units::of_this_machine(), why);
  return source ? processes_seen(**source) : why;
}

class BpfPrivilege : public BpfSource {};

TEST_F(BpfPrivilege, PidsAreThoseOfTheReadersNamespace) {
  SKIP_WITH_SANITIZER_THREAD();
  const std::string text = seen_by_child([]() -> std::string {
    if (::unshare(CLONE_NEWPID) != 0) return "refused";
    return seen_by_child([] { return seen_by_child(opened_and_seen); });
  });
  if (text == "refused") GTEST_SKIP() << "may not make a pid namespace";
  EXPECT_THAT(text, testing::MatchesRegex("1/0/[0-9]+ 2/1/[0-9]+ "));
}

TEST_F(BpfPrivilege, StartTimesFollowTheReadersTimeNamespace) {
  const std::string text = seen_by_child([]() -> std::string {
    if (::unshare(CLONE_NEWTIME) != 0) return "refused";
    std::ofstream("/proc/self/timens_offsets") << "boottime 1000 500000000" << std::flush;
    return seen_by_child([]() -> std::string {
      const std::string pid = std::to_string(::getpid());
      const std::string own = content_of("/proc/self/stat");
      const auto stat = pid_stat::parse(own);
      const std::string all = " " + opened_and_seen();
      return all.substr(all.find(" " + pid + "/"))
                     .starts_with(" " + pid + "/" + std::to_string(stat->ppid) + "/" + std::to_string(stat->starttime) +
                                  " ")
                 ? "same"
                 : own + all;
    });
  });
  if (text == "refused") GTEST_SKIP() << "may not make a time namespace";
  EXPECT_EQ(text, "same");
}

// Keeps only these capabilities, effective and permitted.
bool keep_capabilities(std::uint64_t these) {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  const auto low = static_cast<std::uint32_t>(these), high = static_cast<std::uint32_t>(these >> 32U);
  const __user_cap_data_struct data[2] = {{low, low, 0}, {high, high, 0}};
  return ::syscall(SYS_capset, &header, data) == 0;
}
bool become_nobody_with(std::uint64_t capabilities) {
  return ::prctl(PR_SET_KEEPCAPS, 1) == 0 && ::setgroups(0, nullptr) == 0 && ::setresgid(65534, 65534, 65534) == 0 &&
         ::setresuid(65534, 65534, 65534) == 0 && keep_capabilities(capabilities);
}
constexpr std::uint64_t kBpf = std::uint64_t{1} << CAP_BPF, kPerfmon = std::uint64_t{1} << CAP_PERFMON;

TEST_F(BpfPrivilege, NeedsTwoCapabilitiesAndAfterwardsNone) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root, to become another user";
  const std::string own = " " + std::to_string(::getpid()) + "/";
  const std::string text = seen_by_child([&]() -> std::string {
    if (!become_nobody_with(kBpf | kPerfmon)) return "refused";
    std::string why;
    const auto source = open_bpf_source(Units::of_this_machine(), why);
    if (!source) return why;
    if (!keep_capabilities(0)) return "keeps them";
    return (" " + processes_seen(**source)).find(own) != std::string::npos ? "sees its parent" : "sees nothing";
  });
  EXPECT_EQ(text, "sees its parent");
}

TEST_F(BpfPrivilege, RefusalsNameTheCapabilityAndPrintNothing) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root, to become another user";
  for (const auto& [held, missing] :
       {std::pair{std::uint64_t{0}, "CAP_BPF and CAP_PERFMON are missing"}, std::pair{kBpf, "CAP_PERFMON is missing"},
        std::pair{kPerfmon, "CAP_BPF is missing"}}) {
    const std::string text = seen_by_child([held = held]() -> std::string {
      if (!become_nobody_with(held)) return "refused";
      testing::internal::CaptureStderr();
      std::string why;
      const auto source = open_bpf_source(Units::of_this_machine(), why);
      if (const std::string printed = testing::internal::GetCapturedStderr(); !printed.empty())
        return "printed " + printed;
      return source ? "loaded" : std::string(name_of(source.error().code)) + " " + why;
    });
    EXPECT_TRUE(text.starts_with(std::string("denied ") + missing)) << text;
    EXPECT_EQ(text.find('\n'), text.npos) << "one line";
  }
}

}  // namespace
}  // namespace vitalsd
