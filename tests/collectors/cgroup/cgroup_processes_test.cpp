// What the collector `cgroups` reports beyond plain files: huge pages, CPUs, descriptors, network namespaces.
#include "tests/fakes/real_tree.h"

namespace vitalsd {
namespace {

class CgroupMore : public RealTree {
 protected:
  void cgroup(const std::string& path, const std::string& pids = "") const {
    write("cgroup/" + path + "/cgroup.procs", pids);
  }
  void descriptors(int pid, std::initializer_list<const char*> targets) const {
    const std::string process = "proc/" + std::to_string(pid);
    std::filesystem::create_directories(directory / process / "fd");
    int fd = 0;
    for (const char* target : targets) symlink(process + "/fd/" + std::to_string(fd++), target);
    write(process + "/limits",
          "Limit                     Soft Limit           Hard Limit           Units     \n"
          "Max open files            1024                 4096                 files     \n");
  }
  /// A network namespace: a file that all its processes share.
  void network(const std::string& name, int bytes) const {
    write("net/" + name,
          "Inter-|   Receive                                                |  Transmit\n"
          " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls "
          "carrier compressed\n"
          "    lo: 9 9 9 9 0 0 0 0 9 9 9 9 0 0 0 0\n"
          " veth1: 9 9 9 9 0 0 0 0 9 9 9 9 0 0 0 0\n"
          "  eth0: " +
              std::to_string(bytes) + " 2 3 4 0 0 0 0 5 6 7 8 0 0 0 0\n");
  }
  void in_network(int pid, const std::string& name) const {
    std::filesystem::remove(directory / ("proc/" + std::to_string(pid) + "/net/dev"));
    hard_link("proc/" + std::to_string(pid) + "/net/dev", "net/" + name);
  }
  std::string received(const std::string& id) const {
    return value("container_network_receive_bytes_total{id=\"" + id + "\",interface=\"eth0\"}");
  }
};

TEST_F(CgroupMore, HugePagesOfVersion2) {
  write("sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "8\n");
  write("sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages", "0\n");
  write("sys/kernel/mm/hugepages/junk/nr_hugepages", "8\n");
  cgroup("");
  for (const char* size : {"2MB", "1GB"}) {
    write(std::string("cgroup/a/hugetlb.") + size + ".current", "4194304\n");
    write(std::string("cgroup/a/hugetlb.") + size + ".events", "max 3\n");
  }
  cgroup("a");
  cgroup("b");
  make("cgroups", {});
  round();
  EXPECT_EQ(value("container_hugetlb_usage_bytes{id=\"/a\",pagesize=\"2MB\"}"), "4194304");
  EXPECT_EQ(value("container_hugetlb_failcnt{id=\"/a\",pagesize=\"2MB\"}"), "3");
  EXPECT_EQ(value("container_hugetlb_max_usage_bytes{id=\"/a\",pagesize=\"2MB\"}"), "absent") << "version 2 keeps none";
  EXPECT_EQ(value("container_hugetlb_usage_bytes{id=\"/a\",pagesize=\"1GB\"}"), "absent") << "there are no such pages";
  EXPECT_EQ(value("container_hugetlb_usage_bytes{id=\"/b\",pagesize=\"2MB\"}"), "absent") << "without the controller";
  write("sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages", "1\n");
  round();
  EXPECT_EQ(value("container_hugetlb_usage_bytes{id=\"/a\",pagesize=\"1GB\"}"), "4194304");
}

TEST_F(CgroupMore, HugePagesAndCpusOfVersion1) {
  write("sys/kernel/mm/hugepages/hugepages-64kB/nr_hugepages", "8\n");
  for (const char* controller : {"hugetlb", "cpuacct"}) {
    write("cgroup/" + std::string(controller) + "/cgroup.procs", "");
    write("cgroup/" + std::string(controller) + "/a/cgroup.procs", "");
  }
  write("cgroup/hugetlb/a/hugetlb.64KB.usage_in_bytes", "65536\n");
  write("cgroup/hugetlb/a/hugetlb.64KB.max_usage_in_bytes", "131072\n");
  write("cgroup/hugetlb/a/hugetlb.64KB.failcnt", "7\n");
  write("cgroup/cpuacct/a/cpuacct.usage", "3000000000\n");
  write("cgroup/cpuacct/a/cpuacct.usage_percpu", "1000000000 2000000000 \n");
  make("cgroups", {});
  round();
  EXPECT_EQ(value("container_hugetlb_usage_bytes{id=\"/a\",pagesize=\"64KB\"}"), "65536");
  EXPECT_EQ(value("container_hugetlb_max_usage_bytes{id=\"/a\",pagesize=\"64KB\"}"), "131072");
  EXPECT_EQ(value("container_hugetlb_failcnt{id=\"/a\",pagesize=\"64KB\"}"), "7");
  EXPECT_EQ(value("container_cpu_usage_seconds_total{id=\"/a\",cpu=\"total\"}"), "3");
  make("cgroups", {{"per_cpu", "true"}});
  round();
  EXPECT_EQ(value("container_cpu_usage_seconds_total{id=\"/a\",cpu=\"cpu00\"}"), "1");
  EXPECT_EQ(value("container_cpu_usage_seconds_total{id=\"/a\",cpu=\"cpu01\"}"), "2");
  EXPECT_EQ(value("container_cpu_usage_seconds_total{id=\"/a\",cpu=\"total\"}"), "absent");
  write("cgroup/cpuacct/a/cpuacct.usage_percpu", "1000000000 x\n");
  round();
  EXPECT_EQ(value("container_cpu_usage_seconds_total{id=\"/a\",cpu=\"total\"}"), "3");
  ASSERT_EQ(last.faults.size(), 1U);
  EXPECT_EQ(last.faults[0].code, Errc::malformed);
}

TEST_F(CgroupMore, CountsDescriptorsAndSockets) {
  descriptors(7, {"/dev/null", "socket:[1]", "socket:[2]"});
  descriptors(8, {"pipe:[3]"});
  cgroup("");
  cgroup("a");
  cgroup("a/b", "7\n");
  cgroup("a/c", "8\n9\n");  // 9 has ended
  make("cgroups", {});
  round();
  EXPECT_EQ(value("container_file_descriptors{id=\"/a/b\"}"), "absent") << "not asked for";
  make("cgroups", {{"processes", "true"}});
  round();
  EXPECT_EQ(value("container_file_descriptors{id=\"/a/b\"}"), "3");
  EXPECT_EQ(value("container_sockets{id=\"/a/b\"}"), "2");
  EXPECT_EQ(value("container_file_descriptors{id=\"/a/c\"}"), "1");
  EXPECT_EQ(value("container_sockets{id=\"/a/c\"}"), "0");
  EXPECT_EQ(value("container_file_descriptors{id=\"/a\"}"), "4") << "with those below";
  EXPECT_EQ(value("container_ulimits_soft{id=\"/a/b\",ulimit=\"max_open_files\"}"), "1024");
  EXPECT_EQ(value("container_ulimits_soft{id=\"/a\",ulimit=\"max_open_files\"}"), "absent")
      << "it has no process itself";
}

TEST_F(CgroupMore, HalfASumIsAbsent) {
  descriptors(7, {"socket:[1]", "socket:[2]"});
  descriptors(8, {"socket:[3]"});
  cgroup("");
  cgroup("a", "7\n");
  cgroup("b", "8\n");
  make("cgroups", {{"processes", "true"}, {"max_processes", "1"}});
  round();
  EXPECT_EQ(value("container_file_descriptors{id=\"/a\"}"), "2");
  EXPECT_EQ(value("container_file_descriptors{id=\"/b\"}"), "absent");
  EXPECT_EQ(value("container_file_descriptors{id=\"/\"}"), "absent");
  ASSERT_EQ(last.faults.size(), 2U);
  EXPECT_EQ(last.faults[0].entity, "/b");
  EXPECT_EQ(last.faults[0].code, Errc::too_large);
  make("cgroups", {{"processes", "true"}, {"max_descriptors", "2"}});
  round();
  EXPECT_EQ(value("container_sockets{id=\"/a\"}"), "2");
  EXPECT_EQ(value("container_sockets{id=\"/b\"}"), "absent");
  EXPECT_EQ(value("container_file_descriptors{id=\"/b\"}"), "1") << "which are counted without looking at each";
  cgroup("a", "7\n0\n");  // 0: a process in a pid namespace that we do not see
  make("cgroups", {{"processes", "true"}});
  round();
  EXPECT_EQ(value("container_file_descriptors{id=\"/a\"}"), "absent");
}

TEST_F(CgroupMore, ANetworkNamespaceIsReportedOnce) {
  network("machine", 1);
  network("pod", 2);
  network("alone", 3);
  in_network(1, "machine");
  in_network(5, "machine");
  for (const int pid : {6, 7}) in_network(pid, "pod");
  in_network(8, "alone");
  cgroup("");
  cgroup("system", "1\n");
  cgroup("user", "5\n");
  cgroup("pods");
  cgroup("pods/one");
  cgroup("pods/one/a", "6\n");
  cgroup("pods/one/b", "7\n");
  cgroup("pods/two", "8\n");
  cgroup("pods/gone", "99\n");
  make("cgroups", {});
  round();
  EXPECT_EQ(received("/"), "1") << "the machine's";
  EXPECT_EQ(received("/system"), "absent");
  EXPECT_EQ(received("/pods/one"), "2");
  EXPECT_EQ(received("/pods/one/a"), "absent");
  EXPECT_EQ(received("/pods/two"), "3");
  const std::string of = "{id=\"/pods/one\",interface=\"eth0\"}";
  EXPECT_EQ(value("container_network_receive_packets_total" + of), "2");
  EXPECT_EQ(value("container_network_receive_errors_total" + of), "3");
  EXPECT_EQ(value("container_network_receive_packets_dropped_total" + of), "4");
  EXPECT_EQ(value("container_network_transmit_bytes_total" + of), "5");
  EXPECT_EQ(value("container_network_transmit_packets_total" + of), "6");
  EXPECT_EQ(value("container_network_transmit_errors_total" + of), "7");
  EXPECT_EQ(value("container_network_transmit_packets_dropped_total" + of), "8");
  EXPECT_EQ(last.text.find("interface=\"lo\""), std::string::npos);
  EXPECT_EQ(last.text.find("interface=\"veth1\""), std::string::npos);

  in_network(8, "pod");  // it is now in another namespace
  round();
  EXPECT_EQ(received("/pods/two"), "absent") << "never another's numbers";
  round();
  EXPECT_EQ(received("/pods"), "2");
  make("cgroups", {{"network", "false"}});
  round();
  EXPECT_EQ(received("/"), "absent");
}

TEST_F(CgroupMore, APodHasItsNetworkFromItsSandboxOn) {
  const std::string pod = "/kubepods/pod0cd28b70-8b4d-4a0c-9a4d-6f4d1f2f6f11";
  const std::string sandbox = pod + "/" + std::string(64, 'a'), container = pod + "/" + std::string(64, 'b');
  const auto of = [&](const std::string& id) {
    const std::size_t at = last.text.find("\ncontainer_network_receive_bytes_total{id=\"" + id + "\"");
    if (at == std::string::npos) return std::string("absent");
    const std::size_t from = last.text.find("} ", at) + 2;
    return last.text.substr(from, last.text.find('\n', from) - from);
  };
  network("machine", 1);
  network("pod", 2);
  network("own", 3);
  in_network(1, "machine");
  in_network(6, "pod");
  cgroup("");
  cgroup("kubepods");
  cgroup(pod.substr(1));
  cgroup(sandbox.substr(1), "6\n");
  make("cgroups", {});
  round();
  EXPECT_EQ(of(pod), "2");
  EXPECT_EQ(of(sandbox), "absent");
  in_network(7, "pod");
  cgroup(container.substr(1), "7\n");
  round();
  EXPECT_EQ(of(pod), "2") << "the same series as before";
  in_network(7, "own");
  make("cgroups", {});
  round();
  EXPECT_EQ(of(pod), "absent") << "which of the two is the pod's is not known";
  EXPECT_EQ(of(sandbox), "2");
  EXPECT_EQ(of(container), "3");
}

TEST_F(CgroupMore, ConnectionsOfANetworkAreCounted) {
  network("pod", 2);
  in_network(6, "pod");
  cgroup("");
  cgroup("pod", "6\n");
  std::string many = "  sl  local_address rem_address   st\n";
  for (int i = 0; i < 5000; ++i)
    many += std::to_string(i) + ": 0100007F:0016 0100007F:B709 " + (i % 5 ? "01" : "0A") + "\n";
  ASSERT_GT(many.size(), 2U * 65536) << "it takes several pieces";
  write("proc/6/net/tcp", many);
  write("proc/6/net/udp", "1: 0:44 0:0 07 00000010:00000300 00:0 0 0 0 1219 2 0 5\n");
  write("proc/6/net/udp6", "1: 0:44 0:0 07 00000010\n");
  make("cgroups", {{"connections", "true"}});
  round();
  const auto in_state = [this](const std::string& protocol, const std::string& state) {
    return value("container_network_" + protocol + "_usage_total{id=\"/pod\"," + protocol.substr(0, 3) + "_state=\"" +
                 state + "\"}");
  };
  EXPECT_EQ(in_state("tcp", "established"), "4000");
  EXPECT_EQ(in_state("tcp", "listen"), "1000");
  EXPECT_EQ(in_state("tcp", "closing"), "0");
  EXPECT_EQ(in_state("tcp6", "listen"), "absent") << "without IPv6 there is no such file";
  EXPECT_EQ(in_state("udp", "listen"), "1");
  EXPECT_EQ(in_state("udp", "txqueued"), "16");
  EXPECT_EQ(in_state("udp", "rxqueued"), "768");
  EXPECT_EQ(in_state("udp", "dropped"), "5");
  EXPECT_EQ(in_state("udp6", "listen"), "absent");
  ASSERT_EQ(last.faults.size(), 1U);
  EXPECT_EQ(last.faults[0].field, "udp6");
  EXPECT_EQ(received("/pod"), "2");

  write("proc/6/net/tcp", "0: 0100007F:0016 0100007F:B709 01");  // cut off
  round();
  EXPECT_EQ(in_state("tcp", "established"), "absent");
  write("proc/6/net/tcp", std::string(70000, '0'));
  round();
  EXPECT_EQ(in_state("tcp", "established"), "absent");
  make("cgroups", {});
  round();
  EXPECT_EQ(in_state("udp", "listen"), "absent") << "it is to be asked for";
}

TEST_F(CgroupMore, TheMachinesNetworkIsNoServices) {
  network("machine", 1);
  network("pod", 2);
  for (const int pid : {1, 5}) in_network(pid, "machine");
  in_network(6, "pod");
  cgroup("");
  cgroup("pods");
  cgroup("pods/a", "6\n");
  cgroup("system", "5\n");
  make("cgroups", {{"include", "^/(system|pods/a)$"}});
  round();
  EXPECT_EQ(received("/system"), "absent");
  EXPECT_EQ(received("/pods/a"), "2");
}

}  // namespace
}  // namespace vitalsd
