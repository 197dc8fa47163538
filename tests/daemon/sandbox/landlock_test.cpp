// Tests with the real kernel what Landlock lets the process write, make and remove, and where.
#include "daemon/sandbox/landlock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "tests/fakes/in_child.h"

namespace vitalsd {
namespace {

namespace fs = std::filesystem;
using landlock::Rights;

class Landlock : public testing::Test {
 protected:
  void SetUp() override {
    int error = 0;
    version_ = landlock::version(error);
    if (version_ == 0) GTEST_SKIP() << "no Landlock here: errno " << error;
    fs::remove_all(root_);
    for (const char* name : {"inside", "outside", "sockets"}) fs::create_directories(root_ / name);
    for (const char* name : {"inside/old", "outside/old", "sockets/old"}) std::ofstream(root_ / name) << "old";
  }
  void TearDown() override { fs::remove_all(root_); }

  std::string at(const std::string& name) const { return root_ / name; }

  std::string restrict(bool abstract_sockets = false) const {
    static std::vector<Fd> pins;
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return "no_new_privs";
    return landlock::restrict({{{at("inside"), Rights::keep_files},
                                {at("sockets"), Rights::keep_sockets},
                                {at("nowhere"), Rights::keep_files},
                                {"/proc/pressure", Rights::write_files}},
                               abstract_sockets},
                              pins);
  }

  // The errno of `act` in a process that is restricted.
  int after(const std::function<long()>& act) const {
    const std::string text = in_child([&] {
      const std::string state = restrict();
      return state == "on" ? std::to_string(error_of(act())) : state;
    });
    return text.find_first_not_of("0123456789") == text.npos && !text.empty() ? std::stoi(text) : -1;
  }
  static int before(const std::function<long()>& act) {
    return std::stoi(in_child([&] { return std::to_string(error_of(act())); }));
  }

  int version_ = 0;
  fs::path root_ = fs::temp_directory_path() / ("vitalsd-landlock-" + std::to_string(::getpid()));
};

long make_file(const std::string& path) { return Fd(::open(path.c_str(), O_WRONLY | O_CREAT, 0600)) ? 0 : -1; }
long write_file(const std::string& path) { return Fd(::open(path.c_str(), O_RDWR)) ? 0 : -1; }
long read_file(const std::string& path) { return Fd(::open(path.c_str(), O_RDONLY)) ? 0 : -1; }

sockaddr_un name_of(const std::string& path) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::memcpy(name.sun_path, path.data(), path.size());
  return name;
}
socklen_t size_of(const std::string& path) {
  return static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
}

long bind_socket(const std::string& path) {
  const Fd socket(::socket(AF_UNIX, SOCK_STREAM, 0));
  const sockaddr_un name = name_of(path);
  return ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&name), size_of(path));
}

TEST_F(Landlock, WritesNothingOutside) {
  const std::string old = at("outside/old"), fresh = at("outside/new");
  const std::function<long()> attempts[] = {
      [&] { return write_file(old); },
      [&] { return make_file(fresh); },
      [&] { return static_cast<long>(::unlink(old.c_str())); },
      [&] { return static_cast<long>(::rename(old.c_str(), fresh.c_str())); },
      [&] { return static_cast<long>(::mkdir(fresh.c_str(), 0700)); },
      [&] {
        return static_cast<long>(::rmdir(at("nothing").c_str())) | static_cast<long>(::mkfifo(fresh.c_str(), 0600));
      },
      [&] { return static_cast<long>(::symlink("x", fresh.c_str())); },
      [&] { return bind_socket(fresh); },
      [&] { return static_cast<long>(::execl("/bin/true", "true", nullptr)); },
      [&] { return version_ < 3 ? (errno = EACCES, -1) : static_cast<long>(::truncate(old.c_str(), 0)); },
  };
  for (std::size_t i = 0; i < std::size(attempts); ++i) EXPECT_EQ(after(attempts[i]), EACCES) << i;
  EXPECT_EQ(after([&] { return read_file(old); }), 0);
  std::string text;
  std::ifstream(old) >> text;
  EXPECT_EQ(text, "old");
}

TEST_F(Landlock, ProgramsRunAndWriteWhereTheyMay) {
  const auto run = [this](const std::string& script) {
    return in_child([&]() -> std::string {
      std::vector<Fd> pins;
      if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return "no_new_privs";
      const std::vector<landlock::Writable> writable = {{at("inside"), Rights::keep_files},
                                                        {"/dev/null", Rights::write_files}};
      const std::string state = landlock::restrict({.writable = writable, .programs = true}, pins);
      if (state != "on") return state;
      return std::to_string(WEXITSTATUS(std::system(script.c_str())));  // NOLINT(cert-env33-c)
    });
  };
  EXPECT_EQ(run("echo > /dev/null && exit 7"), "7");
  EXPECT_EQ(run("echo > " + at("inside/new") + " && rm " + at("inside/new") + " && exit 7"), "7");
  EXPECT_NE(run("echo > " + at("outside/new") + " && exit 7"), "7");
  EXPECT_FALSE(fs::exists(at("outside/new")));
}

TEST_F(Landlock, KeepsFilesInside) {
  const std::string fresh = at("inside/new"), other = at("inside/other");
  EXPECT_EQ(after([&]() -> long {
              if (make_file(fresh) != 0 || ::rename(fresh.c_str(), other.c_str()) != 0) return -1;
              if (write_file(other) != 0 || ::unlink(other.c_str()) != 0) return -1;
              if (::mkdir(fresh.c_str(), 0700) != 0 || make_file(fresh + "/report") != 0) return -1;
              return ::rename((fresh + "/report").c_str(), (fresh + "/again").c_str());
            }),
            0);
  EXPECT_TRUE(fs::exists(fresh + "/again"));
  EXPECT_EQ(after([&] { return static_cast<long>(::mkfifo((fresh + "/fifo").c_str(), 0600)); }), EACCES);
}

TEST_F(Landlock, KeepsSocketsWhereTheyAre) {
  const std::string socket = at("sockets/s");
  EXPECT_EQ(after([&]() -> long { return bind_socket(socket) != 0 ? -1 : ::unlink(socket.c_str()); }), 0);
  EXPECT_EQ(after([&] { return make_file(at("sockets/new")); }), EACCES);
  EXPECT_EQ(after([&] { return write_file(at("sockets/old")); }), EACCES);
}

TEST_F(Landlock, ArmsPressureTriggersAlone) {
  if (before([] { return write_file("/proc/pressure/cpu"); }) != 0) GTEST_SKIP() << "no pressure files here";
  EXPECT_EQ(after([] { return write_file("/proc/pressure/cpu"); }), 0);
  EXPECT_EQ(after([] { return write_file("/proc/self/oom_score_adj"); }), EACCES);
}

// inotify still works on files outside, as the daemon watches memory.events.
TEST_F(Landlock, WatchesWhatOthersWrite) {
  const std::string old = at("outside/old");
  EXPECT_EQ(in_child([&]() -> std::string {
              const Fd writer(::open(old.c_str(), O_WRONLY));
              if (restrict() != "on") return "free";
              const Fd file(::open(old.c_str(), O_RDONLY)), watch(::inotify_init1(IN_NONBLOCK));
              const std::string link = "/proc/self/fd/" + std::to_string(file.get());
              if (::inotify_add_watch(watch.get(), link.c_str(), IN_MODIFY) < 0) return "not watched";
              if (::write(writer.get(), "new", 3) != 3) return "not written";
              char event[4096];
              return ::read(watch.get(), event, sizeof event) > 0 ? "seen" : "not seen";
            }),
            "seen");
}

TEST_F(Landlock, SignalsAndAbstractSocketsStayWithin) {
  if (version_ < 6) GTEST_SKIP() << "version " << version_ << " has no scopes";
  EXPECT_EQ(after([] { return static_cast<long>(::kill(::getppid(), 0)); }), EPERM);
  const std::string path = std::string(1, '\0') + "vitalsd-landlock-" + std::to_string(::getpid());
  const sockaddr_un name = name_of(path);
  const Fd listener(::socket(AF_UNIX, SOCK_STREAM, 0));
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&name), size_of(path)), 0);
  ASSERT_EQ(::listen(listener.get(), 8), 0);
  const auto connect = [&]() -> long {
    const Fd socket(::socket(AF_UNIX, SOCK_STREAM, 0));
    return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&name), size_of(path));
  };
  EXPECT_EQ(after(connect), EPERM);
  EXPECT_EQ(in_child([&] {
              return then([&] { return restrict(true); }, [&] { return std::to_string(error_of(connect())); });
            }),
            "on 0");
}

// This is why Landlock is left out when collectors read other processes.
TEST_F(Landlock, ShutsTheGuardedFilesOfOtherProcesses) {
  const std::string parent = "/proc/" + std::to_string(::getpid()) + "/";
  EXPECT_EQ(before([&] { return read_file(parent + "io"); }), 0);
  EXPECT_NE(after([&] {
              std::ifstream io(parent + "io");
              std::string text;
              return io >> text ? 0L : -1L;
            }),
            0);
  EXPECT_EQ(after([&] { return read_file(parent + "stat"); }), 0);
  EXPECT_EQ(after([] { return read_file("/proc/self/io"); }), 0);
}

}  // namespace
}  // namespace vitalsd
