// Collectors `bcachefs`, `mountstats`, `tapestats`, `nvmesubsystem`, `dmmultipath` and `drbd` over torn and missing
// files.
#include <gtest/gtest.h>

#include <cerrno>
#include <string>

#include "tests/collectors/network/network_run.h"

namespace vitalsd {
namespace {

class StorageDevices : public testing::Test, protected FakeHost {
 protected:
  RunResult run(std::string_view name, OptionTexts texts = {}) { return run_registered(name, host, texts); }
  static bool names(const RunResult& run, std::string_view text) { return run.text.find(text) != std::string::npos; }
};

TEST_F(StorageDevices, BcachefsTablesLoseABadLineAlone) {
  const std::string volume = "fs/bcachefs/u/";
  sysfs->file(volume + "compression_stats", "heading\nlz4 1k 2k 3k\ngzip x 1\n");
  sysfs->file(volume + "errors", "one 1 2\ntwo\n");
  sysfs->file(volume + "btree_write_stats", "heading\ninitial: 5 1k\ninterior: -5 1k\n");
  sysfs->file(volume + "counters/fsync", "since mount: 1\n");
  sysfs->file(volume + "dev-3/io_done", "user : 1\nread:\nuser :2\nsb 3\n");
  sysfs->file(volume + "dev-3/io_errors", "  read: 9\nIO errors since filesystem creation\n  read: 1\n  write:x\n");
  const auto run = this->run("bcachefs");
  ASSERT_TRUE(run.result);
  EXPECT_EQ(sample(run.text, R"(node_bcachefs_compression_uncompressed_bytes{uuid="u",algorithm="lz4"})"), "2048");
  EXPECT_EQ(sample(run.text, R"(node_bcachefs_errors_total{uuid="u",error_type="one"})"), "1");
  EXPECT_EQ(sample(run.text, R"(node_bcachefs_btree_write_average_size_bytes{uuid="u",type="initial"})"), "1024");
  EXPECT_EQ(
      sample(run.text,
             R"(node_bcachefs_device_io_done_bytes_total{uuid="u",device="3",operation="read",data_type="user"})"),
      "2");
  EXPECT_EQ(sample(run.text, R"(node_bcachefs_device_io_errors_total{uuid="u",device="3",type="read"})"), "1");
  EXPECT_FALSE(names(run, "gzip") || names(run, "interior") || names(run, "fsync") || names(run, "\"sb\""));
  EXPECT_EQ(run.faults.size(), 7U);  // gzip, two, interior, fsync, the line before its heading, sb, write
}

constexpr const char* kMount = "device s:/e mounted on /m with fstype nfs statvers=1.1\n";

TEST_F(StorageDevices, MountstatsOfOneExportAreReportedOnce) {
  const std::string block =
      "\tage:\t5\n\txprt:\ttcp 1 2 3 4 5 6 7 8 9 10 11 12 13\n\tper-op statistics\n\tREAD: 1 2 3 4 5 6 7 8\n\n";
  procfs->file("self/mountstats", kMount + block + "device s:/e mounted on /n with fstype nfs statvers=1.1\n" + block);
  procfs->file("self/mountinfo",
               "1 2 0:1 / /m rw - nfs s:/e rw,addr=10.0.0.9\n1 2 0:1 / /n rw - nfs s:/e rw,addr=10.0.0.9\n");
  const auto run = this->run("mountstats");
  ASSERT_TRUE(run.result);
  const std::string labels = R"({export="s:/e",protocol="tcp",mountaddr="10.0.0.9")";
  EXPECT_EQ(sample(run.text, "node_mountstats_nfs_age_seconds_total" + labels + "}"), "5");
  for (const char* point : {"/m", "/n"})
    EXPECT_EQ(sample(run.text, "node_mountstats_nfs_mountpoint_info" + labels + ",mountpoint=\"" + point + "\"}"), "1");
  EXPECT_EQ(run.text.find("nfs_age_seconds_total{"), run.text.rfind("nfs_age_seconds_total{"));
}

TEST_F(StorageDevices, MountstatsFindAMovedMountByItsName) {
  procfs->file("self/mountstats", std::string(kMount) + "\tage:\t5\n\txprt:\tudp 1 2 3 4 5 6 7 8 9 10\n");
  procfs->file("self/mountinfo",
               "9 2 0:1 / /new rw - tmpfs t rw\nbad\n1 2 0:1 / /m rw opt:1 - nfs s:/e rw,addr=a,hard\n");
  const auto run = this->run("mountstats");
  const std::string labels = R"({export="s:/e",protocol="udp",mountaddr="a",transport="0"})";
  EXPECT_EQ(sample(run.text, "node_mountstats_nfs_transport_sends_total" + labels), "3");
  EXPECT_EQ(sample(run.text, "node_mountstats_nfs_transport_connect_total" + labels), "0");
  EXPECT_EQ(sample(run.text, "node_mountstats_nfs_transport_pending_queue_total" + labels), "10");
}

TEST_F(StorageDevices, MountstatsLoseABadLineAlone) {
  procfs->file("self/mountinfo", "");
  procfs->file("self/mountstats",
               "device torn mounted\n\tage:\t1\n" + std::string(kMount) +
                   "\tage:\tx\n\tbytes:\t1 2\n\txprt:\ttcp 1 2 3 4 5 6 7 8 9 10 11 12 13\n\txprt:\tcarrier 1\n"
                   "\tper-op statistics\n\tREAD: 1 2\n\tWRITE: 1 2 3 4 5 18446743919241604546 7 8 9\n");
  const auto run = this->run("mountstats");
  ASSERT_TRUE(run.result);
  const std::string labels = R"({export="s:/e",protocol="tcp",mountaddr="",operation="WRITE"})";
  EXPECT_EQ(sample(run.text, "node_mountstats_nfs_operations_errors_total" + labels), "9");
  EXPECT_EQ(sample(run.text, "node_mountstats_nfs_operations_queue_time_seconds_total" + labels), "9007044786793.922");
  EXPECT_FALSE(names(run, "age_seconds") || names(run, "read_bytes") || names(run, "READ"));
  EXPECT_EQ(run.faults.size(), 5U);  // the device, age, bytes, carrier, READ
}

TEST_F(StorageDevices, MountstatsOfVersionOneHaveNoSlots) {
  procfs->file("self/mountinfo", "");
  procfs->file("self/mountstats",
               "device s:/e mounted on /m with fstype nfs statvers=1.0\n\txprt:\ttcp 1 2 3 4 5 6 7 8 9 10\n");
  const auto run = this->run("mountstats");
  EXPECT_TRUE(names(run, "backlog_queue_total{"));
  EXPECT_FALSE(names(run, "maximum_rpc_slots"));
}

TEST_F(StorageDevices, IgnoredTapesAreLeftOut) {
  sysfs->file("class/scsi_tape/st0/stats/io_ns", "1500000000\n");
  sysfs->file("class/scsi_tape/st1/stats/io_ns", "1\n");
  const auto run = this->run("tapestats", {{"ignored_devices", "^st1$"}});
  EXPECT_EQ(sample(run.text, "node_tape_io_time_seconds_total{device=\"st0\"}"), "1.5");
  EXPECT_FALSE(names(run, "st1"));
  EXPECT_FALSE(names(run, "in_flight"));
}

TEST_F(StorageDevices, AnUnreadableNvmePathMakesNoLiveCount) {
  const std::string subsystem = "class/nvme-subsystem/nvme-subsys0/";
  sysfs->file(subsystem + "nvme0/state", "live\n");
  sysfs->file(subsystem + "nvme1/state", "deleting (no IO)\n");
  sysfs->file(subsystem + "nvme2/state", "odd\n");
  auto run = this->run("nvmesubsystem");
  EXPECT_EQ(sample(run.text, "node_nvmesubsystem_paths_live{subsystem=\"nvme-subsys0\"}"), "1");
  const auto is = [&run](std::string_view controller, std::string_view state) {
    return sample(run.text, std::string(R"(node_nvmesubsystem_path_state{subsystem="nvme-subsys0",controller=")")
                                .append(controller)
                                .append(R"(",transport="",state=")")
                                .append(state)
                                .append("\"}"));
  };
  EXPECT_EQ(is("nvme0", "live"), "1");
  EXPECT_EQ(is("nvme1", "unknown"), "0");
  EXPECT_EQ(is("nvme2", "unknown"), "1");
  sysfs->error(subsystem + "nvme0/state", EACCES);
  run = this->run("nvmesubsystem");
  EXPECT_EQ(sample(run.text, "node_nvmesubsystem_paths{subsystem=\"nvme-subsys0\"}"), "3");
  EXPECT_FALSE(names(run, "paths_live"));
}

TEST_F(StorageDevices, AMultipathWithASilentPathCountsNeither) {
  sysfs->file("block/dm-0/dm/uuid", "LVM-x\n");
  sysfs->file("block/dm-1/dm/uuid", "mpath-x\n");
  sysfs->file("block/dm-1/dm/name", "a\n");
  sysfs->file("block/dm-1/dm/suspended", "1\n");
  sysfs->file("block/dm-1/slaves/sda/x", "");
  sysfs->file("block/sda/device/state", "running\n");
  auto run = this->run("dmmultipath");
  const std::string labels = R"({device="a",sysfs_name="dm-1"})";
  EXPECT_EQ(sample(run.text, "node_dmmultipath_device_active" + labels), "0");
  EXPECT_EQ(sample(run.text, "node_dmmultipath_device_paths_active" + labels), "1");
  EXPECT_FALSE(names(run, "dm-0"));
  sysfs->error("block/sda/device/state", EIO);
  run = this->run("dmmultipath");
  EXPECT_EQ(sample(run.text, "node_dmmultipath_device_paths" + labels), "1");
  EXPECT_EQ(sample(run.text, "node_dmmultipath_device_paths_active" + labels), std::nullopt);
}

TEST_F(StorageDevices, DrbdLosesABadWordAlone) {
  procfs->file("drbd",
               "version: 8\n ns:3\n 0: cs:WFConnection ro:Primary ds:UpToDate/DUnknown C\n ns:1 nr:x dw:2 oos:3\n");
  const auto run = this->run("drbd");
  ASSERT_TRUE(run.result);
  EXPECT_EQ(sample(run.text, "node_drbd_connected{device=\"drbd0\"}"), "0");
  EXPECT_EQ(sample(run.text, "node_drbd_network_sent_bytes_total{device=\"drbd0\"}"), "1024");
  EXPECT_EQ(sample(run.text, R"(node_drbd_disk_state_is_up_to_date{device="drbd0",node="remote"})"), "0");
  EXPECT_FALSE(names(run, "received") || names(run, "is_primary"));
  EXPECT_EQ(run.faults.size(), 3U);  // ns of no device, ro, nr
}

}  // namespace
}  // namespace vitalsd
