// The collector `targets` over the real /proc, with processes of our own.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

#include "core/fd.h"
#include "core/kept_files.h"
#include "tests/fakes/fake_processes.h"
#include "tests/fakes/few_descriptors.h"
#include "tests/fakes/live_process.h"

namespace vitalsd {
namespace {

using testing::HasSubstr;
using testing::Not;

// A forked process that does `work`, reports that it is ready, and waits to be killed.
class Child {
 public:
  explicit Child(const std::string& comm, const std::function<void()>& work = [] {}) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) std::abort();
    const Fd ready(ends[0]), report(ends[1]);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      ::prctl(PR_SET_NAME, comm.c_str());
      work();
      if (::write(report.get(), "x", 1) != 1) ::_exit(1);
      for (;;) ::pause();
    }
    char byte;
    if (::read(ready.get(), &byte, 1) != 1 || !wait_until_asleep(pid_)) std::abort();
  }
  Child(Child&& other) noexcept : pid_(std::exchange(other.pid_, 0)) {}
  ~Child() {
    kill();
    reap();
  }
  void kill() const {
    if (pid_ > 0) ::kill(pid_, SIGKILL);
  }
  void reap() {
    if (pid_ > 0) ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_;
};

Host real_host(const Clock& clock) {
  Host host;
  host.procfs = open_directory("/proc");
  host.rootfs = open_directory("/", Resolve::in_root);
  host.units = Units::of_this_machine();
  host.clock = &clock;
  return host;
}

class LiveTargets : public testing::Test {
 protected:
  void watch(const std::string& field, const std::string& value) {
    host_ = real_host(clock_);
    collector_ = make(field, value);
  }
  static std::unique_ptr<Collector> make(const std::string& field, const std::string& value) {
    const CollectorSpec& spec = *find_collector("targets");
    Options options = Options::defaults(spec.options);
    options.set("watch", {.text = {}, .items = {}, .records = {{{"name", "t"}, {field, value}}}});
    return spec.make(options);
  }
  RunResult run() {
    RunResult result = run_collector(*collector_, host_);
    EXPECT_TRUE(result.result) << describe(result.result.error());
    return result;
  }
  bool woken(int patience) const {
    pollfd wake{collector_->wake_fd(), POLLIN, 0};
    return ::poll(&wake, 1, patience) == 1;
  }
  static double number(const RunResult& run, const std::string& name, const std::string& more = {}) {
    return std::atof(of_target(run, name, more).c_str());
  }
  // The number of threads by another way, since sanitizers add some of their own.
  static std::string tasks_of(pid_t pid) {
    const auto tasks = std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task");
    return std::to_string(std::distance(begin(tasks), end(tasks)));
  }
  // Unique to this run of the tests, and at most 15 bytes.
  static std::string own_comm(const std::string& prefix) { return prefix + std::to_string(::getpid()); }

  const Clock clock_;
  Host host_;
  std::unique_ptr<Collector> collector_;
};

TEST_F(LiveTargets, ValuesAreThoseOfTheProcess) {
  constexpr std::size_t kMemory = 8U << 20U;
  const std::string directory = std::filesystem::canonical(testing::TempDir());
  const double before = unix_seconds(clock_.now());
  const Child child(own_comm("vt"), [&] {
    const rlimit limit{123, 456};
    ::setrlimit(RLIMIT_NOFILE, &limit);
    for (int i = 0; i < 10; ++i) (void)::open("/dev/null", O_RDWR);
    void* memory = ::mmap(nullptr, kMemory, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    std::memset(memory, 1, kMemory);
    const int null = ::open("/dev/null", O_WRONLY);
    for (int i = 0; i < 4; ++i) (void)!::write(null, memory, 1U << 20U);
    std::ofstream("/proc/self/oom_score_adj") << "100";
    (void)::chdir(directory.c_str());
    for (int i = 0; i < 2; ++i)
      std::thread([] {
        for (;;) ::pause();
      }).detach();
    while (::clock() < CLOCKS_PER_SEC / 20) {  // some CPU time, as POSIX counts it: of the process
    }
  });
  watch("comm", own_comm("vt"));
  run();
  const RunResult run = this->run();  // through kept descriptors
  const std::string pid = std::to_string(child.pid());
  EXPECT_EQ(of_target(run, "pid"), pid);
  EXPECT_EQ(of_target(run, "matches"), "1");
  EXPECT_GE(number(run, "threads"), 3);
  EXPECT_EQ(of_target(run, "threads"), tasks_of(child.pid()));
  EXPECT_EQ(of_target(run, "max_fds"), "123");
  const auto fds = std::filesystem::directory_iterator("/proc/" + pid + "/fd");
  EXPECT_EQ(number(run, "open_fds"), static_cast<double>(std::distance(begin(fds), end(fds))));
  EXPECT_EQ(of_target(run, "oom_score_adj"), "100");
  EXPECT_EQ(of_target(run, "state", R"(,state="sleeping")"), "1");
  EXPECT_GE(number(run, "resident_bytes", R"(,type="anonymous")"), kMemory);
  EXPECT_GE(number(run, "data_bytes"), kMemory);
  EXPECT_GE(number(run, "resident_peak_bytes"), kMemory);
  EXPECT_GE(number(run, "syscall_write_bytes_total"), 4.0 * (1U << 20U));
  EXPECT_LT(number(run, "syscall_write_bytes_total"), 5.0 * (1U << 20U));
  EXPECT_GE(number(run, "page_faults_total", R"(,type="minor")"), 1);
  EXPECT_GE(number(run, "cpu_seconds_total", R"(,mode="user")") + number(run, "cpu_seconds_total", R"(,mode="system")"),
            0.03);
  EXPECT_NEAR(number(run, "start_time_seconds"), before, 30);
  const std::string exe = std::filesystem::read_symlink("/proc/self/exe");
  EXPECT_THAT(run.text, HasSubstr("pid=\"" + pid + "\",ppid=\"" + std::to_string(::getpid()) + "\",exe=\"" + exe +
                                  "\",cwd=\"" + directory + "\",user=\""));
  if (::geteuid() == 0) {
    EXPECT_THAT(run.text, HasSubstr("user=\"root\""));
  }
  EXPECT_TRUE(run.faults.empty());
}

TEST_F(LiveTargets, AHostileNameFoolsNobody) {
  for (const std::string& comm : {std::string(") S 1\n"), std::string("a) Z 1 1"), std::string("\xff\nUid:\t0")}) {
    const Child child(comm);
    watch("comm", comm);
    const RunResult run = this->run();
    EXPECT_EQ(of_target(run, "pid"), std::to_string(child.pid())) << comm;
    EXPECT_EQ(of_target(run, "state", R"(,state="sleeping")"), "1") << comm;
    EXPECT_THAT(run.text, HasSubstr("ppid=\"" + std::to_string(::getpid()) + "\"")) << comm;
    EXPECT_EQ(of_target(run, "threads"), tasks_of(child.pid())) << comm;
  }
}

TEST_F(LiveTargets, AnEndWakesAndASuccessorIsFound) {
  const std::string comm = own_comm("vr");
  Child first(comm);
  watch("comm", comm);
  EXPECT_EQ(of_target(run(), "up"), "1");
  EXPECT_FALSE(woken(0));
  first.kill();
  ASSERT_TRUE(woken(kPatience));
  const std::string pid = std::to_string(first.pid());
  const RunResult zombie = run();
  EXPECT_EQ(of_target(zombie, "up"), "0");
  EXPECT_EQ(of_target(zombie, "state", R"(,state="zombie")"), "1");
  EXPECT_EQ(of_target(zombie, "pid"), pid);
  EXPECT_EQ(of_target(zombie, "threads"), "-");
  EXPECT_FALSE(woken(0)) << "would run again and again";
  first.reap();
  const RunResult gone = run();
  EXPECT_EQ(of_target(gone, "up"), "0");
  EXPECT_EQ(of_target(gone, "pid"), "-");
  const Child second(comm);
  const RunResult back = run();
  EXPECT_EQ(of_target(back, "up"), "1");
  EXPECT_EQ(of_target(back, "pid"), std::to_string(second.pid()));
  EXPECT_EQ(of_target(back, "restarts_total"), "1");
  EXPECT_FALSE(woken(0));
  second.kill();
  EXPECT_TRUE(woken(kPatience));
}

// With how many descriptors a run still finds its process, and none is left for a pidfd, depends on what is kept open.
TEST_F(LiveTargets, APidfdThatWasRefusedIsAskedForAgain) {
  const std::string comm = own_comm("vn");
  const Child child(comm);
  const auto lacks = [](const RunResult& run) {
    return std::ranges::any_of(run.faults, [](const auto& fault) { return fault.field == "pidfd"; });
  };
  // A run without a limit comes first: UndefinedBehaviorSanitizer needs descriptors of its own for each type that it
  // has not seen yet.
  watch("pid", std::to_string(child.pid()));
  EXPECT_FALSE(lacks(run()));
  bool lacked = false;
  for (std::size_t few = 1; few < 24 && !lacked; ++few) {
    watch("pid", std::to_string(child.pid()));
    (void)host_.rootfs->is_kernel();  // its root is open
    const FewDescriptors limit(few);
    const RunResult run = run_collector(*collector_, host_);
    lacked = run.result && of_target(run, "up") == "1" && lacks(run);
  }
  ASSERT_TRUE(lacked);
  // It is asked for again after a pause (core/retry.h).
  for (int left = kPatience; lacked && left > 0; left -= 50) {
    ::poll(nullptr, 0, 50);
    lacked = lacks(run());
  }
  EXPECT_FALSE(lacked);
  child.kill();
  EXPECT_TRUE(woken(kPatience));
}

TEST_F(LiveTargets, AProcessLivesOnWithoutItsFirstThread) {
  const std::string comm = own_comm("vl");
  const Child child(comm, [] {
    // The second thread reports that all is ready, by continuing in the first one's place.
    int ends[2];
    (void)!::pipe(ends);
    std::thread([] {
      for (;;) ::pause();
    }).detach();
    ::signal(SIGUSR1, [](int) { ::syscall(SYS_exit, 0); });
  });
  watch("pid", std::to_string(child.pid()));
  EXPECT_EQ(of_target(run(), "threads"), tasks_of(child.pid()));
  ::syscall(SYS_tgkill, child.pid(), child.pid(), SIGUSR1);
  RunResult run = this->run();
  for (int waited = 0; waited < kPatience && of_target(run, "state", R"(,state="zombie")") != "1"; ++waited) {
    ::poll(nullptr, 0, 1);
    run = this->run();
  }
  EXPECT_EQ(of_target(run, "state", R"(,state="zombie")"), "1");
  EXPECT_EQ(of_target(run, "up"), "1");
  EXPECT_EQ(of_target(run, "threads"), tasks_of(child.pid()));
  EXPECT_FALSE(woken(0));
  child.kill();
  EXPECT_TRUE(woken(kPatience));
}

TEST_F(LiveTargets, TheIdOfAThreadIsNoProcess) {
  auto* tid = static_cast<pid_t*>(::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  const Child child(own_comm("vi"), [tid] {
    std::thread([tid] {
      __atomic_store_n(tid, static_cast<pid_t>(::syscall(SYS_gettid)), __ATOMIC_SEQ_CST);
      for (;;) ::pause();
    }).detach();
    while (__atomic_load_n(tid, __ATOMIC_SEQ_CST) == 0) ::sched_yield();
  });
  watch("pid", std::to_string(*tid));
  const RunResult run = this->run();
  EXPECT_EQ(of_target(run, "up"), "0");
  EXPECT_EQ(of_target(run, "unreadable", R"(,field="pid",reason="thread_id")"), "1");
  ::munmap(tid, 4096);
}

TEST_F(LiveTargets, OnlyANewerPidFileIsBelieved) {
  const Child child(own_comm("vp"));
  const std::string path = std::filesystem::canonical(testing::TempDir()) / (own_comm("vp") + ".pid");
  std::ofstream(path) << child.pid() << '\n';
  watch("pidfile", path);
  EXPECT_EQ(of_target(run(), "pid"), std::to_string(child.pid()));
  std::filesystem::last_write_time(path, std::filesystem::last_write_time(path) - std::chrono::hours(1));
  EXPECT_EQ(of_target(run(), "up"), "1");  // it is already known
  watch("pidfile", path);
  const RunResult run = this->run();
  EXPECT_EQ(of_target(run, "up"), "0");
  EXPECT_EQ(of_target(run, "unreadable", R"(,field="pidfile",reason="stale_pidfile")"), "1");
  std::filesystem::remove(path);
}

TEST_F(LiveTargets, DescriptorsDoNotPileUp) {
  const std::string comm = own_comm("vd");
  Names names;
  const auto own = open_directory("/proc");
  watch("comm", comm);
  run();
  const auto before = own->count("self/fd", names);
  for (int round = 0; round < 20; ++round) {
    Child child(comm);
    run();
    EXPECT_EQ(of_target(run(), "pid"), std::to_string(child.pid()));
  }
  EXPECT_EQ(of_target(run(), "restarts_total"), "19");
  // The descriptors of ended processes are closed when their place is needed, or after minutes.
  EXPECT_LE(own->count("self/fd", names).value(), before.value() + KeptBudget::of_process().limit() + 2);
  collector_.reset();
  host_ = {};
  EXPECT_LE(own->count("self/fd", names).value(), before.value());
}

// What a forked observer sees after it has changed its own state.
std::string seen_by(const std::function<bool()>& become, const std::function<std::string()>& look) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) std::abort();
  const pid_t observer = ::fork();
  if (observer == 0) {
    ::close(ends[0]);
    const std::string text = become() ? look() : "refused\n";
    ::_exit(::write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size()) ? 0 : 1);
  }
  ::close(ends[1]);
  const Fd from(ends[0]);
  std::string text;
  char part[4096];
  for (ssize_t got; (got = ::read(from.get(), part, sizeof part)) > 0;)
    text.append(part, static_cast<std::size_t>(got));
  ::waitpid(observer, nullptr, 0);
  return text;
}

TEST_F(LiveTargets, AStrangerSeesLessAndSaysWhat) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root, to become another user";
  const Child child(own_comm("vo"));
  const std::string text =
      seen_by([] { return ::setgroups(0, nullptr) == 0 && ::setgid(65534) == 0 && ::setuid(65534) == 0; },
              [&] {
                const Clock clock;
                const Host host = real_host(clock);
                const auto collector = make("pid", std::to_string(child.pid()));
                run_collector(*collector, host);
                return run_collector(*collector, host).text;
              });
  const RunResult run{{}, text, {}};
  EXPECT_EQ(of_target(run, "up"), "1") << text;
  EXPECT_EQ(of_target(run, "threads"), tasks_of(child.pid()));
  EXPECT_NE(of_target(run, "resident_bytes", R"(,type="anonymous")"), "-");
  EXPECT_EQ(of_target(run, "read_bytes_total"), "-");
  EXPECT_THAT(text, HasSubstr(R"(exe="",cwd="",user="root",command=")"));
  for (const std::string field : {"io", "exe", "cwd"}) {
    EXPECT_EQ(of_target(run, "unreadable", ",field=\"" + field + "\",reason=\"denied\""), "1") << field;
  }
}

// As in a container where the host's /proc is mounted: pidfd_open() does not know those pids.
TEST_F(LiveTargets, AForeignProcfsIsReadWithoutPidfds) {
  const Child child(own_comm("vn"));
  const std::string text = seen_by([] { return ::unshare(CLONE_NEWPID) == 0; },
                                   [&] {
                                     return seen_by([] { return ::getpid() == 1; },
                                                    [&] {
                                                      const Clock clock;
                                                      const Host host = real_host(clock);
                                                      const auto collector = make("pid", std::to_string(child.pid()));
                                                      run_collector(*collector, host);
                                                      return run_collector(*collector, host).text;
                                                    });
                                   });
  if (text == "refused\n") GTEST_SKIP() << "may not make a pid namespace";
  const RunResult run{{}, text, {}};
  EXPECT_EQ(of_target(run, "up"), "1") << text;
  EXPECT_EQ(of_target(run, "pid"), std::to_string(child.pid()));
}

}  // namespace
}  // namespace vitalsd
