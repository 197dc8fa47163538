// From the kernel's line about an OOM kill to the counter in /metrics, and to the report in /api/v1/reports.
// usage: oom_bench PORT    where a vitalsd on this machine listens, which nobody else asks; cgroup version 2, as root
#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "core/fd.h"

namespace vitalsd {
namespace {

using namespace std::chrono_literals;
using Time = std::chrono::steady_clock::time_point;

constexpr int kKills = 25;
constexpr auto kBetweenLooks = 2ms;
constexpr auto kPatience = 20s;
constexpr double kTarget = 50;  // milliseconds, to the counter
const std::string kRoot = "/sys/fs/cgroup";

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

void put(const std::string& path, std::string_view text) {
  const Fd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file || ::write(file.get(), text.data(), text.size()) < 0) fail(path.c_str());
}

/// One connection that is kept; http::fetch makes one for each question.
class Client {
 public:
  explicit Client(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) fail("connect");
  }
  std::string get(const std::string& path) {
    const std::string request = "GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n";
    if (::send(socket_.get(), request.data(), request.size(), 0) < 0) fail("send");
    std::string answer;
    for (std::size_t whole = std::string::npos; answer.size() < whole;) {
      char buffer[65536];
      const ssize_t size = ::recv(socket_.get(), buffer, sizeof buffer, 0);
      if (size <= 0) fail("recv");
      answer.append(buffer, static_cast<std::size_t>(size));
      const std::size_t head = answer.find("\r\n\r\n"), length = answer.find("Content-Length: ");
      if (head == std::string::npos) continue;
      if (length > head) fail("Content-Length");
      whole = head + 4 + std::strtoul(answer.c_str() + length + 16, nullptr, 10);
    }
    return answer;
  }

 private:
  Fd socket_;
};

/// The kernel's log, from now on; its clock is set against ours by a line of our own.
class KernelLog {
 public:
  KernelLog() : file_(::open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC)) {
    if (!file_) fail("/dev/kmsg");
    ::lseek(file_.get(), 0, SEEK_END);
    const Time before = std::chrono::steady_clock::now();
    put("/dev/kmsg", std::string(kMark) + "\n");  // without the end of a line it would wait for more
    const Time after = std::chrono::steady_clock::now();
    offset_ = before + (after - before) / 2 - find(kMark);
  }
  Time kill() { return find("Killed process"); }

 private:
  static constexpr std::string_view kMark = "vitalsd-bench";

  // "level,number,microseconds,flags;text" (Documentation/ABI/testing/dev-kmsg)
  Time find(std::string_view words) {
    char record[8192];
    for (const Time end = std::chrono::steady_clock::now() + kPatience; std::chrono::steady_clock::now() < end;) {
      const ssize_t size = ::read(file_.get(), record, sizeof record - 1);
      if (size < 0) {
        std::this_thread::sleep_for(1ms);
        continue;
      }
      record[size] = 0;
      if (std::strstr(record, words.data()) == nullptr) continue;
      const char* stamp = std::strchr(std::strchr(record, ',') + 1, ',') + 1;
      return Time(std::chrono::microseconds(std::strtoull(stamp, nullptr, 10))) + offset_;
    }
    fail("/dev/kmsg does not tell");
  }
  Fd file_;
  std::chrono::nanoseconds offset_{};
};

/// A process that eats memory in this cgroup until it is killed.
pid_t start_eater(const std::string& cgroup) {
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  put(cgroup + "/cgroup.procs", "0");
  for (constexpr std::size_t kPiece = 1 << 20;;) std::memset(std::malloc(kPiece), 1, kPiece);
}

template <class Seen>
Time wait_until(Seen seen) {
  const Time end = std::chrono::steady_clock::now() + kPatience;
  while (!seen()) {
    if (std::chrono::steady_clock::now() > end) fail("it was never seen");
    std::this_thread::sleep_for(kBetweenLooks);
  }
  return std::chrono::steady_clock::now();
}

void print(const char* what, std::vector<double>& all, std::optional<double> target) {
  std::ranges::sort(all);
  const double median = all[all.size() / 2];
  std::printf("  to the %-8s median %6.1f ms   p90 %6.1f ms   worst %6.1f ms", what, median, all[all.size() * 9 / 10],
              all.back());
  if (target) std::printf("   (target %.0f)%s", *target, median > *target ? "   MISSED" : "");
  std::puts("");
}

int measure(std::uint16_t port) {
  std::vector<std::string> names;
  for (int i = 0; i < kKills; ++i) {
    names.push_back("bench-" + std::to_string(i));
    const std::string path = kRoot + "/" + names.back();
    ::mkdir(path.c_str(), 0755);
    put(path + "/memory.max", "8M");
  }
  Client client(port);
  KernelLog log;
  std::minstd_rand random(1);  // NOLINT(cert-msc51-cpp): the same times in each run
  std::vector<double> counted, reported;
  std::this_thread::sleep_for(3s);  // all are known
  for (const std::string& name : names) {
    std::this_thread::sleep_for(1s + std::chrono::milliseconds(random() % 1000));
    const auto reports = [&] {
      const std::string list = client.get("/api/v1/reports");
      std::size_t count = 0;
      for (std::size_t at = 0; (at = list.find("oom_kill\"", at)) != std::string::npos; ++at) ++count;
      return count;
    };
    const std::size_t before = reports();
    const pid_t eater = start_eater(kRoot + "/" + name);
    const std::string series = "container_oom_events_total{id=\"/" + name + "\"} 1\n";
    const Time told =
        wait_until([&] { return client.get("/metrics?collect[]=cgroups").find(series) != std::string::npos; });
    const Time listed = wait_until([&] { return reports() > before; });
    const Time kill = log.kill();
    counted.push_back(std::chrono::duration<double, std::milli>(told - kill).count());
    reported.push_back(std::chrono::duration<double, std::milli>(listed - kill).count());
    ::waitpid(eater, nullptr, 0);
  }
  for (const std::string& name : names) ::rmdir((kRoot + "/" + name).c_str());
  std::printf("%d OOM kills, %d cgroups; looked at every %d ms\n", kKills, kKills,
              static_cast<int>(kBetweenLooks.count()));
  print("counter", counted, kTarget);
  print("report", reported, std::nullopt);
  return 0;
}

}  // namespace
}  // namespace vitalsd

int main(int argc, char** argv) {
  if (argc != 2) return std::fputs("usage: oom_bench PORT\n", stderr), 2;
  return vitalsd::measure(static_cast<std::uint16_t>(std::strtoul(argv[1], nullptr, 10)));
}
