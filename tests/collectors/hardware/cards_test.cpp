// Collectors `pcidevice` and `drm`, and the names of pci.ids.
#include <gtest/gtest.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <string>

#include "collectors/formats/pci_ids.h"
#include "tests/collectors/network/network_run.h"

namespace vitalsd {
namespace {

constexpr std::string_view kIds =
    "# a comment\n"
    "C 01  Mass storage controller\n\t08  Non-Volatile memory controller\n\t\t02  NVM Express\n"
    "C 02  Network controller\n\t00  Ethernet controller\n"
    "8086  Intel Corporation\n\t1521  I350 Gigabit\n\t\t8086 00a3  I350-T4\n\t\t17aa 00a3  Other\n"
    "17aa  Lenovo\n\t1521  Not this\n"
    "torn\nzzzz  No number\n";

TEST(PciIds, NamesDevicesAndSubsystems) {
  std::array<PciNames, 2> wanted = {
      {{.vendor = 0x8086, .device = 0x1521, .subsystem_vendor = 0x17aa, .subsystem_device = 0xa3},
       {.vendor = 0x17aa, .device = 0x1}}};
  pci_ids::look_up(kIds, wanted);
  EXPECT_EQ(wanted[0].vendor_name, "Intel Corporation");
  EXPECT_EQ(wanted[0].device_name, "I350 Gigabit");
  EXPECT_EQ(wanted[0].subsystem_vendor_name, "Lenovo");
  EXPECT_EQ(wanted[0].subsystem_device_name, "Other");
  EXPECT_EQ(wanted[1].vendor_name, "Lenovo");
  EXPECT_EQ(wanted[1].device_name, "");
}

TEST(PciIds, NamesTheNearestClass) {
  std::array<PciNames, 4> wanted = {
      {{.of_class = 0x010802}, {.of_class = 0x010899}, {.of_class = 0x019900}, {.of_class = 0x990000}}};
  pci_ids::look_up(kIds, wanted);
  EXPECT_EQ(wanted[0].class_name, "NVM Express");
  EXPECT_EQ(wanted[1].class_name, "Non-Volatile memory controller");
  EXPECT_EQ(wanted[2].class_name, "Mass storage controller");
  EXPECT_EQ(wanted[3].class_name, "");
}

class Cards : public testing::Test, protected FakeHost {
 protected:
  void device(const std::string& name, const std::string& parent) {
    const std::string path = "bus/pci/devices/" + name;
    sysfs->symlink(path, "../../../devices/" + parent + "/" + name);
    for (const char* file : {"vendor", "device", "subsystem_vendor", "subsystem_device"})
      sysfs->file(path + "/" + file, "0x8086\n");
    sysfs->file(path + "/class", "0x020000\n").file(path + "/revision", "0x01\n");
  }
};

TEST_F(Cards, AParentThatIsNoPciDeviceHasNoPlace) {
  device("0000:00:01.0", "pci0000:00");
  device("10000:e1:00.0", "vmd/10000:e0:06.0");
  const auto run = run_registered("pcidevice", host);
  EXPECT_NE(run.text.find(R"(bus="00",device="01",function="0",parent_segment="*",parent_bus="*")"), std::string::npos);
  EXPECT_NE(
      run.text.find(R"(segment="10000",bus="e1",device="00",function="0",parent_segment="10000",parent_bus="e0")"),
      std::string::npos);
  EXPECT_TRUE(run.faults.empty());
}

TEST_F(Cards, LinksOfSleepingDevicesAreLeftAlone) {
  device("0000:00:01.0", "pci0000:00");
  const std::string path = "bus/pci/devices/0000:00:01.0/";
  sysfs->file(path + "power_state", "D3cold\n")
      .file(path + "current_link_width", "8\n")
      .file(path + "max_link_width", "255\n");
  sysfs->file(path + "current_link_speed", "8.0 GT/s PCIe\n").file(path + "max_link_speed", "16 lanes\n");
  const auto run = run_registered("pcidevice", host);
  EXPECT_EQ(run.text.find("link"), std::string::npos) << run.text;
  for (const std::string& read : sysfs->reads()) EXPECT_EQ(read.find("current_link"), std::string::npos);
  ASSERT_EQ(run.faults.size(), 1U);
  EXPECT_EQ(run.faults[0].field, "max_link_speed");
}

TEST_F(Cards, NamesComeFromTheHostsFile) {
  device("0000:00:01.0", "pci0000:00");
  EXPECT_EQ(run_registered("pcidevice", host).text.find("vendor_name"), std::string::npos);
  auto run = run_registered("pcidevice", host, {{"names", "true"}});
  EXPECT_NE(run.text.find(R"(vendor_name="8086")"), std::string::npos);
  EXPECT_NE(run.text.find("class_name=\"Unknown class (020000)\""), std::string::npos);
  EXPECT_EQ(run.faults.size(), 1U);
  rootfs->file("usr/share/hwdata/pci.ids", std::string(kIds));
  run = run_registered("pcidevice", host, {{"names", "true"}});
  EXPECT_NE(run.text.find(R"(vendor_name="Intel Corporation")"), std::string::npos);
  EXPECT_NE(run.text.find(R"(class_name="Ethernet controller")"), std::string::npos);
}

TEST_F(Cards, NamesComeFromTheConfiguredFile) {
  device("0000:00:01.0", "pci0000:00");
  const std::string file = testing::TempDir() + "/vitalsd-pci.ids";
  std::ofstream(file) << kIds;
  const auto run = run_registered("pcidevice", host, {{"names", "true"}, {"idsfile", file}});
  EXPECT_NE(run.text.find(R"(vendor_name="Intel Corporation")"), std::string::npos);
}

TEST_F(Cards, AMissingFileOfNamesIsAskedForAgain) {
  device("0000:00:01.0", "pci0000:00");
  const auto collector = make_registered("pcidevice", {{"names", "true"}});
  EXPECT_EQ(run_collector(*collector, host).faults.size(), 1U);
  rootfs->file("usr/share/misc/pci.ids", std::string(kIds));
  EXPECT_EQ(run_collector(*collector, host).text.find("Intel"), std::string::npos);
  for (int round = 0; round < 60; ++round) run_collector(*collector, host);
  EXPECT_NE(run_collector(*collector, host).text.find("Intel"), std::string::npos);
}

TEST(RealPci, DevicesOfThisMachineHaveNoFaults) {
  FakeClock clock;
  const Host host{.sysfs = open_directory("/sys"), .rootfs = open_directory("/"), .clock = &clock};
  const auto run = run_registered("pcidevice", host);
  if (!run.result || run.text.empty()) GTEST_SKIP() << "no PCI here";
  EXPECT_TRUE(run.faults.empty()) << run.faults.front().entity << " " << run.faults.front().field;
  EXPECT_NE(run.text.find("\nnode_pcidevice_info{segment=\"0000\""), std::string::npos);
}

TEST_F(Cards, OnlyAmdsCardsAreReported) {
  sysfs->file("class/drm/card0/device/uevent", "DRIVER=i915\n").file("class/drm/card0/device/gpu_busy_percent", "1\n");
  sysfs->file("class/drm/card10/device/uevent", "DRIVER=amdgpu\nX=1")
      .file("class/drm/card10/device/gpu_busy_percent", "7\n");
  sysfs->file("class/drm/card10-DP-1/device/uevent", "DRIVER=amdgpu\n");
  const auto run = run_registered("drm", host);
  EXPECT_EQ(sample(run.text, "node_drm_gpu_busy_percent{card=\"card10\"}"), "7");
  EXPECT_EQ(run.text.find("card0"), std::string::npos);
  EXPECT_EQ(run.text.find("DP"), std::string::npos);
}

TEST_F(Cards, CgroupSubsystemsLoseABadLineAlone) {
  procfs->file("cgroups", "#subsys_name\thierarchy\tnum_cgroups\tenabled\ncpu\t3\t172\t1\nmemory\t7\tx\t1\n");
  const auto run = run_registered("cgroup_subsystems", host);
  EXPECT_EQ(sample(run.text, "node_cgroups_cgroups{subsys_name=\"cpu\"}"), "172");
  EXPECT_EQ(sample(run.text, "node_cgroups_enabled{subsys_name=\"memory\"}"), std::nullopt);
  EXPECT_EQ(run.faults.size(), 1U);
}

}  // namespace
}  // namespace vitalsd
