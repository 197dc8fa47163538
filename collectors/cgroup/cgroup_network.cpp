#include "collectors/cgroup/cgroup_network.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "collectors/kit/first_fault.h"
#include "core/fd.h"

namespace vitalsd {
namespace {

using std::string_view;

constexpr std::uint64_t kLookAgain = 16;  // rounds
constexpr auto kOf = cgroup_label_names("interface");
constexpr Family counter(string_view name, string_view help, string_view unit = {}) {
  return {name, Kind::counter, help, unit, kOf};
}
template <NetDevice::Counter which>
double get(const NetDevice& device) {
  return static_cast<double>(device.counters[which]);
}

// Names and HELP texts of cAdvisor.
constexpr std::array kRows = {
    Row<NetDevice>{counter("container_network_receive_bytes_total", "Cumulative count of bytes received", "bytes"),
                   get<NetDevice::rx_bytes>},
    Row<NetDevice>{counter("container_network_receive_packets_total", "Cumulative count of packets received"),
                   get<NetDevice::rx_packets>},
    Row<NetDevice>{counter("container_network_receive_packets_dropped_total",
                           "Cumulative count of packets dropped while receiving"),
                   get<NetDevice::rx_drop>},
    Row<NetDevice>{
        counter("container_network_receive_errors_total", "Cumulative count of errors encountered while receiving"),
        get<NetDevice::rx_errs>},
    Row<NetDevice>{counter("container_network_transmit_bytes_total", "Cumulative count of bytes transmitted", "bytes"),
                   get<NetDevice::tx_bytes>},
    Row<NetDevice>{counter("container_network_transmit_packets_total", "Cumulative count of packets transmitted"),
                   get<NetDevice::tx_packets>},
    Row<NetDevice>{counter("container_network_transmit_packets_dropped_total",
                           "Cumulative count of packets dropped while transmitting"),
                   get<NetDevice::tx_drop>},
    Row<NetDevice>{
        counter("container_network_transmit_errors_total", "Cumulative count of errors encountered while transmitting"),
        get<NetDevice::tx_errs>},
};
constexpr auto kFamilies = family_list<family_total(kRows)>(kRows);

constexpr std::size_t kMostBytes = 1U << 20U;  // thousands of devices

// Those that cAdvisor leaves out as well: loopback, and the outer ends of containers' pairs.
bool is_told(string_view name) {
  return name != "lo" && !name.starts_with("veth") && !name.starts_with("docker") && !name.starts_with("nerdctl");
}

// The cgroup around two.
string_view around(string_view a, string_view b) {
  std::size_t end = 0;
  for (std::size_t i = 0;; ++i) {
    const bool a_ends = i == a.size() || a[i] == '/', b_ends = i == b.size() || b[i] == '/';
    if (a_ends && b_ends) end = i;
    if (i == a.size() || i == b.size() || a[i] != b[i]) break;
  }
  return end == 0 ? string_view("/") : a.substr(0, end);
}

std::uint64_t inode_of(int fd) {
  struct stat info{};
  return ::fstat(fd, &info) == 0 ? info.st_ino : 0;
}

/// The pod that the container `id` alone stands for: before its other containers run, there is its sandbox. Empty: `id`
/// is no container of a pod.
string_view pod_of(CgroupWalk& walk, string_view id) {
  const auto found = walk.cgroups().find(id);
  if (found == walk.cgroups().end() || found->second.identity.container_id.empty()) return {};
  const Cgroup* pod = walk.parent_of(id);
  if (pod == nullptr || pod->identity.pod_uid.empty() || !pod->identity.container_id.empty()) return {};
  return id.substr(0, id.rfind('/'));
}

}  // namespace

std::span<const Family* const> cgroup_network_families() { return kFamilies; }

std::uint64_t CgroupNetworks::inode_of(CollectContext& context, std::int32_t pid) {
  const auto opened = context.host.procfs->open(path_(pid, "net/dev"));
  return opened ? vitalsd::inode_of(Fd(*opened).get()) : 0;
}

void CgroupNetworks::find(CollectContext& context, CgroupWalk& walk) {
  if (machine_ == 0) machine_ = inode_of(context, 1);
  namespaces_.clear();
  told_.clear();
  for (auto& [id, cgroup] : walk.cgroups()) {
    if (cgroup.wanted && cgroup.stats.first_pid != 0) look_at(context, id, cgroup);
  }
  moved_ = 0;
  assign(walk);
}

void CgroupNetworks::look_at(CollectContext& context, string_view id, Cgroup& cgroup) {
  // A process seldom changes its namespace after its start: publish() sees when the one that is read did, and of the
  // others it is found out after some rounds.
  if (rounds_ % kLookAgain == 0 || cgroup.network_pid != cgroup.stats.first_pid || cgroup.network == 0 ||
      cgroup.network == moved_) {
    cgroup.network = inode_of(context, cgroup.stats.first_pid);
    cgroup.network_pid = cgroup.stats.first_pid;
  }
  if (cgroup.network == 0) return;  // it ended meanwhile
  const auto [known, added] = namespaces_.try_emplace(cgroup.network, Namespace{id, id, cgroup.network_pid});
  if (!added) known->second.above = around(known->second.above, id);
}

// No two of a cgroup: their devices have the same names.
void CgroupNetworks::assign(CgroupWalk& walk) {
  ++rounds_;
  const auto& all = walk.cgroups();
  const auto take = [&](string_view id, std::uint64_t inode, std::int32_t pid) {
    const auto found = all.find(id);
    return found != all.end() && found->second.reported && told_.try_emplace(found->first, Told{inode, pid}).second;
  };
  if (const auto machine = namespaces_.find(machine_); machine != namespaces_.end()) {
    take("/", machine_, machine->second.pid);
  }
  std::map<string_view, int> pods;
  for (auto& [inode, space] : namespaces_) {
    if (inode == machine_) continue;
    space.pod = pod_of(walk, space.above);
    if (!space.pod.empty()) ++pods[space.pod];
  }
  for (const auto& [inode, space] : namespaces_) {
    if (inode == machine_ || !space.pod.empty()) continue;
    if (!take(space.above, inode, space.pid)) take(space.first, inode, space.pid);
  }
  for (const auto& [inode, space] : namespaces_) {
    if (inode == machine_ || space.pod.empty()) continue;
    const bool is_pods = pods[space.pod] == 1;
    if (!is_pods || !take(space.pod, inode, space.pid)) take(space.above, inode, space.pid);
  }
}

// All through one directory, which stays that of the process whoever has its number now.
Result<void> CgroupNetworks::read(CollectContext& context, string_view id, Told& told) {
  told.text.clear();
  told.connections = {};
  const auto opened = context.host.procfs->open(path_(told.pid, "net"));
  if (!opened) return fail(opened.error());
  const Fd directory(*opened), devices(::openat(directory.get(), "dev", O_RDONLY | O_CLOEXEC));
  if (!devices) return fail(classify_errno(errno), "net/dev", errno);
  if (vitalsd::inode_of(devices.get()) != told.inode) {
    moved_ = told.inode;  // the pid is another's, or it went elsewhere: look again in the next round
    return fail(Errc::vanished, "net/dev");
  }
  const auto text = read_to_end(devices.get(), context.buffer, kMostBytes, "net/dev");
  if (!text) return fail(text.error());
  told.text = *text;
  if (connections_) told.connections = read_connections(context, directory.get(), id);
  return {};
}

void CgroupNetworks::publish(CollectContext& context, Sink& sink, CgroupLabels& labels, string_view id, bool anew) {
  const auto found = told_.find(id);
  if (found == told_.end()) return;
  Told& told = found->second;
  if (anew) {
    const auto done = read(context, id, told);
    if (!done && !is_gone(done.error())) context.faults.partial(id, "net/dev", done.error(), {});
  }
  publish_connections(sink, labels, told.connections);
  if (told.text.empty()) return;
  FirstFault lost;
  const auto parsed = net_dev::parse(told.text, devices_, lost);
  if (const auto whole = parsed ? lost.result() : parsed; !whole) {
    context.faults.partial(id, "net/dev", whole.error(), {});
  }
  if (!parsed) return;
  for (const NetDevice& device : devices_) {
    if (is_told(device.name)) sink.add_rows(kRows, device, labels.make(sink, {{"interface", device.name}}));
  }
}

}  // namespace vitalsd
