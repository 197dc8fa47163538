// Pids that are really reused: clone3(2) can give a new process the pid of an ended one.
#include <gtest/gtest.h>
#include <linux/sched.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>

#include "tests/fakes/fake_processes.h"
#include "tests/fakes/forwarding_files.h"
#include "tests/fakes/live_process.h"

namespace vitalsd {
namespace {

// Starts a child that waits to be killed, with the wanted pid. Returns -1 if that is not permitted or the pid is taken.
pid_t spawn(pid_t wanted) {
  clone_args args{};
  args.exit_signal = SIGCHLD;
  args.set_tid = reinterpret_cast<std::uintptr_t>(&wanted);
  args.set_tid_size = wanted > 0 ? 1 : 0;
  if (wanted <= 0) args.set_tid = 0;
  const auto pid = static_cast<pid_t>(::syscall(SYS_clone3, &args, sizeof args));
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;) ::pause();
  }
  if (pid > 0 && !wait_until_asleep(pid)) std::abort();
  return pid;
}

void end(pid_t pid) {
  ::kill(pid, SIGKILL);
  ::waitpid(pid, nullptr, 0);
}

// The real /proc, where a test may change the text of a file, or do something, when a path is read.
class EditedFiles final : public ForwardingFiles {
 public:
  EditedFiles() : ForwardingFiles("/proc") {}

  using Edit = std::function<void(std::string_view path, std::string& text)>;
  Edit after_read;

  Result<std::string_view> read(std::string_view path, std::string& buffer, Keep keep) const override {
    const auto text = ForwardingFiles::read(path, buffer, keep);
    if (!text || !after_read) return text;
    std::string edited(*text);
    after_read(path, edited);
    buffer = std::move(edited);
    return std::string_view(buffer);
  }
};

// Replaces the start time in the text of a stat.
void set_start(std::string& text, const char* ticks) {
  std::size_t at = text.rfind(')');
  for (int field = 2; field < 22; ++field) at = text.find(' ', at + 1);
  text.replace(at + 1, text.find(' ', at + 1) - at - 1, ticks);
}

class ReusedPids : public testing::Test {
 protected:
  ReusedPids() {
    auto files = std::make_unique<EditedFiles>();
    procfs_ = files.get();
    host_.procfs = std::move(files);
    host_.rootfs = open_directory("/", Resolve::in_root);
    host_.units = Units::of_this_machine();
    host_.clock = &clock_;
  }
  static std::unique_ptr<Collector> watch(const std::string& field, const std::string& value) {
    const CollectorSpec& spec = *find_collector("targets");
    Options options = Options::defaults(spec.options);
    options.set("watch", {.text = {}, .items = {}, .records = {{{"name", "t"}, {field, value}}}});
    return spec.make(options);
  }

  const Clock clock_;
  Host host_;
  EditedFiles* procfs_;
};

// However soon it comes. The two may even have started within one clock tick, which is simulated here.
TEST_F(ReusedPids, ASuccessorWithThePidIsARestart) {
  for (const bool same_tick : {false, true}) {
    SCOPED_TRACE(same_tick);
    const std::string path =
        std::filesystem::canonical(testing::TempDir()) / ("reused" + std::to_string(::getpid()) + ".pid");
    const pid_t pid = spawn(0);
    procfs_->after_read = [same_tick, stat = std::to_string(pid) + "/stat"](std::string_view read, std::string& text) {
      if (same_tick && read == stat) set_start(text, "12345");
    };
    std::ofstream(path) << pid;
    const auto collector = watch("pidfile", path);
    const auto by_number = watch("pid", std::to_string(pid));
    for (int warm = 0; warm < 2; ++warm) {
      EXPECT_EQ(of_target(run_collector(*collector, host_), "up"), "1");
      EXPECT_EQ(of_target(run_collector(*by_number, host_), "up"), "1");
    }
    end(pid);
    if (spawn(pid) != pid) {
      std::filesystem::remove(path);
      GTEST_SKIP() << "may not choose a pid";
    }
    std::ofstream(path) << pid;
    const RunResult run = run_collector(*collector, host_);
    EXPECT_EQ(of_target(run, "up"), "1");
    EXPECT_EQ(of_target(run, "restarts_total"), "1");
    for (const char* name :
         {"resident_peak_bytes", "run_delay_seconds_total", "read_bytes_total", "max_fds", "oom_score", "open_fds"}) {
      EXPECT_NE(of_target(run, name), "-") << name;
    }
    const RunResult numbered = run_collector(*by_number, host_);
    EXPECT_EQ(of_target(numbered, "up"), "0");
    EXPECT_EQ(of_target(numbered, "pid"), "-");
    end(pid);
    std::filesystem::remove(path);
  }
}

// The pid is reused after stat was read and before pidfd_open(), so the pidfd is a stranger's.
TEST_F(ReusedPids, APidfdIsOnlyBelievedAfterAnotherLook) {
  const pid_t pid = spawn(0);
  const std::string stat = std::to_string(pid) + "/stat";
  int looks = 0;
  procfs_->after_read = [&](std::string_view path, std::string& text) {
    if (path != stat || ++looks > 1) return;
    set_start(text, "12345");  // as for the process before
  };
  const auto collector = watch("pid", std::to_string(pid));
  const RunResult run = run_collector(*collector, host_);
  EXPECT_GE(looks, 2);
  EXPECT_EQ(of_target(run, "up"), "0");
  EXPECT_EQ(of_target(run, "pid"), "-");
  pollfd wake{collector->wake_fd(), POLLIN, 0};
  end(pid);
  EXPECT_EQ(::poll(&wake, 1, 0), 0) << "the stranger is watched";
}

}  // namespace
}  // namespace vitalsd
