// What a host with many network devices and sockets costs: one round of the collectors that list them, from files and
// over netlink, in a network namespace of its own.  usage: links_bench [DEVICES] [SOCKETS]
#include <netinet/in.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "core/collector.h"
#include "core/cpu_time.h"
#include "core/fd.h"
#include "core/netlink.h"

namespace vitalsd {
namespace {

Clock machine_clock;

bool make_devices(int pairs) {
  if (::unshare(CLONE_NEWNET | CLONE_NEWNS) != 0) return false;
  if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return false;
  if (::mount("sysfs", "/sys", "sysfs", MS_RDONLY, nullptr) != 0) return false;
  const std::string batch = "/tmp/links_bench." + std::to_string(::getpid());
  {
    std::ofstream out(batch);
    out << "link set lo up\n";
    for (int i = 0; i < pairs; ++i) {
      const std::string a = "va" + std::to_string(i), b = "vb" + std::to_string(i);
      out << "link add " << a << " type veth peer name " << b << "\nlink set " << a << " up\nlink set " << b << " up\n";
    }
  }
  const bool made = std::system(("ip -batch " + batch).c_str()) == 0;  // NOLINT(concurrency-mt-unsafe): one thread
  (void)std::remove(batch.c_str());
  return made;
}

std::vector<Fd> open_sockets(int count) {
  const rlimit many{static_cast<rlim_t>(count) + 1000, static_cast<rlim_t>(count) + 1000};
  (void)::setrlimit(RLIMIT_NOFILE, &many);
  std::vector<Fd> all;
  for (int i = 0; i < count; ++i) {
    Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};  // one of its own, as looking for a free port takes longer with each
    address.sin_family = AF_INET;
    address.sin_port = htons(4000);
    address.sin_addr.s_addr = htonl(0x7F000001U + static_cast<std::uint32_t>(i));
    if (!socket || ::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) break;
    if (::listen(socket.get(), 1) != 0) break;
    all.push_back(std::move(socket));
  }
  all.resize(all.size() - std::min<std::size_t>(all.size(), 100));  // what is measured opens files, too
  return all;
}

// Microseconds of this thread's processor time; the median of some rounds.
double price_of(const char* name, bool netlink, std::shared_ptr<NetlinkSource> source) {
  const CollectorSpec& spec = *find_collector(name);
  const auto collector = spec.make(Options::defaults(spec.options));
  const Host host{.procfs = open_directory("/proc"),
                  .sysfs = open_directory("/sys"),
                  .clock = &machine_clock,
                  .netlink = netlink ? std::move(source) : nullptr};
  NoFaults faults;
  std::string buffer;
  std::vector<double> prices;
  for (int round = 0; round < 12; ++round) {
    Block block;
    BlockSink sink(block);
    CollectContext context{host, {}, machine_clock.steady() + std::chrono::seconds(10), buffer, faults};
    const auto begin = thread_cpu();
    if (const auto collected = collector->collect(context, sink); !collected)
      std::printf("%s: %s\n", name, describe(collected.error()).c_str());
    ::usleep(60'000);  // so that it shares no answer with the round before
    if (round > 1) prices.push_back(seconds(thread_cpu() - begin) * 1e6);
  }
  std::ranges::sort(prices);
  return prices[prices.size() / 2];
}

int run(int pairs, int sockets) {
  if (!make_devices(pairs)) return 1;
  const auto held = open_sockets(sockets);
  std::printf("%d devices, %zu sockets: microseconds of processor time for a round\n", 2 * pairs + 1, held.size());
  std::printf("%-12s %10s %10s\n", "collector", "files", "netlink");
  for (const char* name : {"netdev", "netclass", "arp", "tcpstat", "udp_queues"}) {
    const double files = price_of(name, false, nullptr);
    std::printf("%-12s %10.0f %10.0f\n", name, files, price_of(name, true, open_netlink()));
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace
}  // namespace vitalsd

int main(int argc, char** argv) {
  return vitalsd::run(argc > 1 ? std::atoi(argv[1]) / 2 : 500, argc > 2 ? std::atoi(argv[2]) : 20'000);
}
