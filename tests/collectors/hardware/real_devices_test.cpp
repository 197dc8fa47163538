// What real devices and kernels showed that fixtures did not.
#include <gtest/gtest.h>

#include <cerrno>
#include <string>

#include "tests/collectors/network/network_run.h"

namespace vitalsd {
namespace {

TEST(Hwmon, TheDirectoryOfRuntimePowerManagementIsNoSensor) {
  FakeHost fake;
  const std::string chip = "class/hwmon/hwmon0/";
  fake.sysfs->file(chip + "name", "nvme\n").file(chip + "temp1_input", "31000\n");
  fake.sysfs->file(chip + "device/power/control", "auto\n").error(chip + "device/power", EISDIR);
  const auto run = run_registered("hwmon", fake.host);
  ASSERT_TRUE(run.result);
  EXPECT_TRUE(run.faults.empty());
  EXPECT_EQ(sample(run.text, "node_hwmon_temp_celsius{chip=\"nvme\",sensor=\"temp1\"}"), "31");
}

TEST(CpuVulnerabilities, TheMitigationBeginsBehindItsSeparator) {
  FakeHost fake;
  const std::string directory = "devices/system/cpu/vulnerabilities/";
  fake.sysfs->file(directory + "spectre_v2", "Vulnerable; STIBP: disabled; BHI: Not affected\n")
      .file(directory + "mds", "Vulnerable: Clear CPU buffers attempted\n")
      .file(directory + "srbds", "Vulnerable\n");
  const auto run = run_registered("cpu_vulnerabilities", fake.host);
  const auto has = [&](const std::string& labels) {
    return sample(run.text, "node_cpu_vulnerabilities_info{" + labels + "}") == "1";
  };
  EXPECT_TRUE(has(R"(codename="spectre_v2",state="vulnerable",mitigation="STIBP: disabled; BHI: Not affected")"));
  EXPECT_TRUE(has(R"(codename="mds",state="vulnerable",mitigation="Clear CPU buffers attempted")"));
  EXPECT_TRUE(has(R"(codename="srbds",state="vulnerable",mitigation="")")) << run.text;
}

}  // namespace
}  // namespace vitalsd
