// Runs the collectors over node_exporter's own fixtures and compares them with node_exporter's output.
#include <gtest/gtest.h>
#include <stdlib.h>  // mkdtemp
#include <sys/wait.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/fakes/fake_clock.h"
#include "tests/fakes/run_collector.h"

namespace vitalsd {
namespace {

namespace fs = std::filesystem;

// A temporary directory that is removed at the end.
class Temporary {
 public:
  Temporary() : path_(testing::TempDir() + "/conformance-XXXXXX") {
    if (::mkdtemp(path_.data()) == nullptr) throw std::runtime_error("mkdtemp " + path_);
  }
  ~Temporary() { fs::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

struct Output {
  int status;
  std::string text;
};

Output run(const std::string& command) {
  FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return {-1, "popen"};
  std::string text;
  std::array<char, 4096> part;
  while (const std::size_t got = std::fread(part.data(), 1, part.size(), pipe)) text.append(part.data(), got);
  return {WEXITSTATUS(::pclose(pipe)), text};
}

Options options_of(const CollectorSpec& spec) {
  Options options = Options::defaults(spec.options);
  const auto set = [&](std::string_view name, std::string value) {
    options.set(name, {.text = std::move(value), .items = {}, .records = {}});
  };
  // The flags of node_exporter's end-to-end test.
  if (spec.name == "cpu") {
    set("info", "true");
    set("info_bugs_include", "^(cpu_meltdown|spectre_.*|mds)$");
    set("info_flags_include", "^(aes|avx.?|constant_tsc)$");
  }
  if (spec.name == "hwmon") set("chip_include", "(applesmc|asus_nb_wmi|coretemp|hwmon4|ieee80211|nct6779)");
  if (spec.name == "sysctl") {
    options.set(
        "include",
        {.text = {}, .items = {"fs.file-nr", "fs.file-nr:total,current,max", "kernel.threads-max"}, .records = {}});
    options.set("include_info", {.text = {}, .items = {"kernel.seccomp.actions_avail"}, .records = {}});
  }
  if (spec.name == "stat") set("softirq", "true");
  if (spec.name == "arp") set("device_exclude", "nope");
  if (spec.name == "netclass") {
    set("ignored_devices", "(dmz|int)");
    set("ignore_invalid_speed", "true");
  }
  return options;
}

// The collectors whose series are in the expected output.
constexpr std::array<std::string_view, 35> kCompared = {"arp",          "bonding",
                                                        "buddyinfo",    "conntrack",
                                                        "cpu",          "diskstats",
                                                        "dmi",          "edac",
                                                        "entropy",      "fibrechannel",
                                                        "filefd",       "hwmon",
                                                        "interrupts",   "ksmd",
                                                        "loadavg",      "mdadm",
                                                        "meminfo",      "netclass",
                                                        "nfs",          "nvme",
                                                        "os",           "powersupplyclass",
                                                        "pressure",     "schedstat",
                                                        "sockstat",     "softirqs",
                                                        "stat",         "sysctl",
                                                        "thermal_zone", "time",
                                                        "udp_queues",   "vmstat",
                                                        "xfrm",         "zoneinfo",
                                                        "watchdog"};

TEST(Conformance, NodeExporter) {
  const fs::path shared = fs::path(VITALSD_SOURCE_DIR) / "../shared/conformance";
  if (!fs::exists(shared / "conformance.py")) GTEST_SKIP() << "no conformance data at " << shared;
  const Temporary directory;
  const std::string fixtures = directory.path() + "/fixtures";
  const Output unpacked = run("tar -C " + directory.path() + " -xf " + (shared / "node/fixtures.tar.xz").string());
  ASSERT_EQ(unpacked.status, 0) << unpacked.text;

  const FakeClock clock;
  const Host host{.procfs = open_directory(fixtures + "/proc"),
                  .sysfs = open_directory(fixtures + "/sys"),
                  .rootfs = open_directory(fixtures, Resolve::in_root),
                  .cgroupfs = open_directory(fixtures + "/no-cgroup"),
                  .udev = open_directory(fixtures + "/udev/data"),
                  .self = open_directory(fixtures + "/proc/self"),
                  .units = {},
                  .clock = &clock};
  const std::string actual = directory.path() + "/actual.prom";
  std::ofstream out(actual);
  for (const std::string_view name : kCompared) {
    const CollectorSpec* spec = find_collector(name);
    ASSERT_NE(spec, nullptr) << name;
    const RunResult result = run_collector(*spec->make(options_of(*spec)), host);
    EXPECT_TRUE(result.result) << name << ": " << describe(result.result.error());
    out << result.text;
  }
  out.close();

  std::string mine;
  for (const std::string_view name : kCompared) mine.append(mine.empty() ? "" : "|").append(name);
  const Output compared =
      run("python3 " + (shared / "conformance.py").string() + " " + (shared / "node/expected-part.txt").string() + " " +
          actual + " --e2e --only-collector '" + mine + "' --missing 99 --values 99 --types 99 --helps 99 --json " +
          directory.path() + "/result.json");
  ASSERT_EQ(compared.status, 0) << compared.text;
  // Every expected series matches, and every HELP is the same.
  const Output judged =
      run("python3 -c \"import json,sys; t=json.load(open(sys.argv[1]))['total']; "
          "print(t); sys.exit(not (t['expected'] > 150 and t['match'] == t['expected'] and "
          "t['help_same'] == t['help_both']))\" " +
          directory.path() + "/result.json");
  EXPECT_EQ(judged.status, 0) << judged.text << compared.text;
}

}  // namespace
}  // namespace vitalsd
