#include "daemon/manual/migrate_rows.h"

namespace vitalsd::conf {
namespace {

using enum Move;

constexpr std::string_view kRuntime = "describes the Go runtime";
constexpr std::string_view kOnce = "see --once";
constexpr std::string_view kLeftOut = "deprecated in node_exporter, and left out here";
constexpr std::string_view kGone = "node_exporter has dropped the collector";
constexpr std::string_view kForTests = "for node_exporter's own tests alone";

// Flags of node_exporter up to 1.11, with their older names. A flag without a row corresponds to our flag of the same
// name, if there is one.
constexpr MoveRow kNodeFlags[] = {
    {.flag = "collector.arp.netlink", .is_switch = true},
    {.flag = "collector.bcache.priorityStats", .is_switch = true},
    {.flag = "collector.cpu.guest", .is_switch = true},
    {.flag = "collector.cpu.info", .is_switch = true},
    {.flag = "collector.disable-defaults", .is_switch = true},
    {.flag = "collector.diskstats.ignored-devices", .to = "collector.diskstats.device-exclude"},
    {.flag = "collector.filesystem.ignored-fs-types", .to = "collector.filesystem.fs-types-exclude"},
    {.flag = "collector.filesystem.ignored-mount-points", .to = "collector.filesystem.mount-points-exclude"},
    {.flag = "collector.interrupts.include-zeros", .is_switch = true},
    {.flag = "collector.netclass.ignore-invalid-speed", .is_switch = true},
    {.flag = "collector.netclass.netlink", .is_switch = true, .move = ignore},  // another source of equal values
    {.flag = "collector.netclass_rtnl.with-stats",
     .is_switch = true,
     .move = none,
     .note = "collectors.netdev.enable_detailed_metrics has the same counters"},
    {.flag = "collector.netdev.address-info", .is_switch = true},
    {.flag = "collector.gmond.address", .move = none, .note = kGone},
    {.flag = "collector.megacli.command", .move = none, .note = kGone},
    {.flag = "collector.netdev.device-blacklist", .to = "collector.netdev.device-exclude"},
    {.flag = "collector.netdev.device-whitelist", .to = "collector.netdev.device-include"},
    {.flag = "collector.netdev.enable-detailed-metrics", .is_switch = true},
    {.flag = "collector.netdev.ignored-devices", .to = "collector.netdev.device-exclude"},  // before 1.0
    {.flag = "collector.netdev.label-ifalias", .is_switch = true},
    {.flag = "collector.netdev.netlink", .is_switch = true, .move = ignore},
    {.flag = "collector.ntp.server-is-local", .is_switch = true},
    {.flag = "collector.pcidevice.names", .is_switch = true},
    {.flag = "collector.perf.disable-cache-profilers", .is_switch = true},
    {.flag = "collector.perf.disable-hardware-profilers", .is_switch = true},
    {.flag = "collector.perf.disable-software-profilers", .is_switch = true},
    {.flag = "collector.powersupply.ignored-supplies", .to = "collector.powersupplyclass.ignored-supplies"},
    {.flag = "collector.procfs", .to = "path.procfs"},  // before 0.15
    {.flag = "collector.qdisc.fixtures", .move = none, .note = kForTests},
    {.flag = "collector.qdisk.device-exclude", .to = "collector.qdisc.device-exclude"},
    {.flag = "collector.qdisk.device-include", .to = "collector.qdisc.device-include"},
    {.flag = "collector.rapl.enable-zone-label", .is_switch = true},
    {.flag = "collector.stat.softirq", .is_switch = true},
    {.flag = "collector.sysfs", .to = "path.sysfs"},  // before 0.15
    {.flag = "collector.systemd.enable-restarts-metrics", .is_switch = true},
    {.flag = "collector.systemd.enable-start-time-metrics", .is_switch = true},
    {.flag = "collector.systemd.enable-task-metrics", .is_switch = true},
    {.flag = "collector.systemd.private", .is_switch = true},
    {.flag = "collector.systemd.unit-blacklist", .to = "collector.systemd.unit-exclude"},
    {.flag = "collector.systemd.unit-whitelist", .to = "collector.systemd.unit-include"},
    {.flag = "collector.wifi.fixtures", .move = none, .note = kForTests},
    {.flag = "collectors.enabled", .move = collectors},  // before 0.15
    {.flag = "collectors.print", .is_switch = true, .move = ignore},
    {.flag = "help", .is_switch = true, .move = ignore},
    {.flag = "version", .is_switch = true, .move = ignore},
    {.flag = "runtime.gomaxprocs", .move = ignore},
    {.flag = "web.config", .move = file, .to = "web.config.file"},  // before 1.5
    {.flag = "web.config.file", .move = file},
    {.flag = "web.disable-exporter-metrics",
     .is_switch = true,
     .move = off,
     .to = "collector.self",
     .note = "vitalsd_* stay, which describe the daemon's own work"},
    {.flag = "web.systemd-socket", .is_switch = true},
    // All of these take values.
    {.flag = "collector.textfile.directory"},
    {.flag = "log.format"},
    {.flag = "log.level"},
    {.flag = "path.procfs"},
    {.flag = "path.rootfs"},
    {.flag = "path.sysfs"},
    {.flag = "path.udev.data"},
    {.flag = "web.listen-address"},
    {.flag = "web.max-requests"},
    {.flag = "web.telemetry-path"},
};

constexpr MoveDefault kNodeDefaults[] = {{"web.listen-address", ":9100"}, {"collector.self", "true"}};

constexpr MoveLoss kNodeLosses[] = {
    {"web.disable-exporter-metrics", "metrics go_* and promhttp_*", kRuntime},
};

constexpr NodeCollector kNodeCollectors[] = {
    {"arp", true},
    {"bcache", true},
    {"bcachefs", true},
    {"bonding", true},
    {"btrfs", true},
    {"buddyinfo", false},
    {"cgroups", false, {}, "cgroup_subsystems"},  // the one of that name here reports each cgroup
    {"conntrack", true},
    {"cpu", true},
    {"cpu_vulnerabilities", false},
    {"cpufreq", true},
    {"diskstats", true},
    {"dmi", true},
    {"dmmultipath", false},
    {"drbd", false},
    {"drm", false},
    {"edac", true},
    {"entropy", true},
    {"ethtool", false},
    {"fibrechannel", true},
    {"filefd", true},
    {"filesystem", true},
    {"hwmon", true},
    {"infiniband", true},
    {"interrupts", false},
    {"ipvs", true},
    {"kernel_hung", true},
    {"ksmd", false},
    {"lnstat", false},
    {"loadavg", true},
    {"logind", false},
    {"mdadm", true},
    {"meminfo", true},
    {"meminfo_numa", false},
    {"mountstats", false},
    {"netclass", true},
    {"netdev", true},
    {"netstat", true},
    {"network_route", false},
    {"nfs", true},
    {"nfsd", true},
    {"ntp", false, kLeftOut},
    {"nvme", true},
    {"nvmesubsystem", false},
    {"os", true},
    {"pcidevice", false},
    {"perf", false},
    {"powersupplyclass", true},
    {"pressure", true},
    {"processes", false},
    {"qdisc", false},
    {"rapl", true},
    {"runit", false, kLeftOut},
    {"schedstat", true},
    {"selinux", true},
    {"slabinfo", false},
    {"sockstat", true},
    {"softirqs", false},
    {"softnet", true},
    {"stat", true},
    {"supervisord", false, kLeftOut},
    {"swap", false},
    {"sysctl", false},
    {.name = "systemd",
     .enabled = true,
     .doubt = "on, as Debian builds node_exporter; where it comes from elsewhere this is off by default, and "
              "collectors.systemd.enabled: false is the same"},
    {"tapestats", true},
    {"tcpstat", false},
    {"textfile", true},
    {"thermal_zone", true},
    {"time", true},
    {"timex", true},
    {"udp_queues", true},
    {"uname", true},
    {"vmstat", true},
    {"watchdog", true},
    {"wifi", false},
    {"xfrm", false},
    {"xfs", true},
    {"zfs", true},
    {"zoneinfo", false},
};

// Flags of process-exporter 0.7 and 0.8.
constexpr MoveRow kProcessFlags[] = {
    {.flag = "children", .is_switch = true, .to = "collector.process_groups.children"},
    {.flag = "config.path", .move = file, .to = "collector.process_groups.config-file"},
    {.flag = "debug", .is_switch = true, .move = on, .to = "log.level", .value = "debug"},
    {.flag = "gather-smaps", .is_switch = true, .to = "collector.process_groups.smaps"},
    {.flag = "man", .is_switch = true, .move = ignore},
    {.flag = "namemapping", .to = "collector.process_groups.namemapping"},
    {.flag = "once-to-stdout", .is_switch = true, .move = none, .note = kOnce},
    {.flag = "once-to-stdout-delay", .move = none, .note = kOnce},
    {.flag = "procfs", .to = "path.procfs"},
    {.flag = "procnames", .to = "collector.process_groups.procnames"},
    {.flag = "recheck", .is_switch = true, .to = "collector.process_groups.recheck"},
    {.flag = "recheck-with-time-limit", .to = "collector.process_groups.recheck-with-time-limit"},
    {.flag = "remove-empty-groups", .is_switch = true, .to = "collector.process_groups.remove-empty-groups"},
    {.flag = "threads", .is_switch = true, .to = "collector.process_groups.threads"},
    {.flag = "version", .is_switch = true, .move = ignore},
    {.flag = "web.config.file", .move = file},
    {.flag = "web.listen-address"},
    {.flag = "web.telemetry-path"},
};

constexpr MoveDefault kProcessDefaults[] = {
    {"web.listen-address", ":9256"},
    {"collector.disable-defaults", "true"},
    {"collector.self", "true"},
    {"collector.process_groups", "true"},
    {"collector.process_groups.threads", "true"},
    {"collector.process_groups.smaps", "true"},
};

constexpr MoveLoss kProcessLosses[] = {
    {"", "metrics go_* and promhttp_*", kRuntime},
};

constexpr Exporter kExporters[] = {
    {"node_exporter", false, kNodeFlags, kNodeDefaults, kNodeLosses, kNodeCollectors},
    {"process-exporter", true, kProcessFlags, kProcessDefaults, kProcessLosses, {}},
};

}  // namespace

std::span<const Exporter> exporters() { return kExporters; }

}  // namespace vitalsd::conf
