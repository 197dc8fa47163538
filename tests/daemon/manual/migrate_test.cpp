// Tests the translation of other exporters' flags, with fake collectors.
#include "daemon/manual/migrate.h"

#include <gmock/gmock.h>

#include <array>

#include "daemon/manual/migrate_rows.h"
#include "tests/daemon/config/config_fakes.h"

namespace vitalsd::conf {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using Arguments = std::vector<std::string>;

std::unique_ptr<Collector> make_any(const Options&) { return std::make_unique<NoCollector>(); }

constexpr OptionSpec kDevices[] = {{"device_exclude", OptionType::regex, "", "Which not."},
                                   {"device_include", OptionType::regex, "", "Which."}};
constexpr OptionSpec kFilesystems[] = {{"fs_types_exclude", OptionType::regex, "", "Which not."},
                                       {"mount_points_exclude", OptionType::regex, "", "Which not."}};
constexpr OptionSpec kUnits[] = {{"unit_exclude", OptionType::regex, "", "Which not."},
                                 {"unit_include", OptionType::regex, "", "Which."}};
constexpr OptionSpec kBcache[] = {{"priority_stats", OptionType::boolean, "false", "More."}};
constexpr OptionSpec kSupplies[] = {{"ignored_supplies", OptionType::regex, "", "Which not."}};
constexpr OptionSpec kTextfile[] = {{"directory", OptionType::text, "", "Where."}};
constexpr OptionSpec kDrm[] = {{"quite_new", OptionType::boolean, "false", "What no table knows."},
                               {"newer_list", OptionType::text, "", "Nor this."}};

const std::array kCollectors = {
    CollectorSpec{.name = "bcache", .help = "b", .options = kBcache, .make = make_any},
    CollectorSpec{.name = "cgroup_subsystems", .enabled = false, .help = "c", .make = make_any},
    CollectorSpec{.name = "cgroups", .enabled = false, .help = "c", .options = kDevices, .make = make_any},
    CollectorSpec{.name = "diskstats", .help = "d", .options = kDevices, .make = make_any},
    CollectorSpec{.name = "drm", .enabled = false, .help = "d", .options = kDrm, .make = make_any},
    CollectorSpec{.name = "filesystem", .help = "f", .options = kFilesystems, .make = make_any},
    CollectorSpec{.name = "netdev", .help = "n", .options = kDevices, .make = make_any},
    CollectorSpec{.name = "powersupplyclass", .help = "p", .options = kSupplies, .make = make_any},
    CollectorSpec{.name = "qdisc", .enabled = false, .help = "q", .options = kDevices, .make = make_any},
    CollectorSpec{.name = "self", .help = "s", .make = make_any},
    CollectorSpec{.name = "systemd", .enabled = false, .help = "s", .options = kUnits, .make = make_any},
    CollectorSpec{.name = "textfile", .help = "t", .options = kTextfile, .make = make_any},
};

Migrated ask(std::string_view exporter, const Arguments& arguments) {
  return migrate(kCollectors, exporter, arguments);
}

TEST(Migrate, FindsACollectorUnderItsNameHere) {
  const Migrated migrated = ask("node_exporter", {"--collector.cgroups"});
  EXPECT_THAT(migrated.yaml, HasSubstr("  cgroup_subsystems:\n    enabled: true\n"));
  EXPECT_THAT(migrated.yaml, Not(HasSubstr("  cgroups:")));
}

TEST(Migrate, TakesTheNamesThatFlagsHadBefore) {
  const std::pair<std::string, std::string> cases[] = {
      {"collector.netdev.ignored-devices", "  netdev:\n    device_exclude: \"x1\"\n"},
      {"collector.netdev.device-blacklist", "  netdev:\n    device_exclude: \"x1\"\n"},
      {"collector.netdev.device-whitelist", "  netdev:\n    device_include: \"x1\"\n"},
      {"collector.diskstats.ignored-devices", "  diskstats:\n    device_exclude: \"x1\"\n"},
      {"collector.filesystem.ignored-mount-points", "  filesystem:\n    mount_points_exclude: \"x1\"\n"},
      {"collector.filesystem.ignored-fs-types", "  filesystem:\n    fs_types_exclude: \"x1\"\n"},
      {"collector.systemd.unit-blacklist", "  systemd:\n    enabled: true\n    unit_exclude: \"x1\"\n"},
      {"collector.systemd.unit-whitelist", "  systemd:\n    enabled: true\n    unit_include: \"x1\"\n"},
      {"collector.powersupply.ignored-supplies", "  powersupplyclass:\n    ignored_supplies: \"x1\"\n"},
      {"collector.qdisk.device-include", "  qdisc:\n    device_include: \"x1\"\n"},
      {"collector.textfile.directory", "  textfile:\n    directory: x1\n"},
      {"collector.procfs", "paths:\n  procfs: x1\n"},
  };
  for (const auto& [flag, yaml] : cases) {
    for (const Arguments& arguments : {Arguments{"--" + flag + "=x1"}, {"--" + flag, "x1"}, {"-" + flag, "x1"}}) {
      const Migrated made = ask("node_exporter", arguments);
      std::string plain = made.yaml, wanted = yaml;
      std::erase(plain, '"');
      std::erase(wanted, '"');
      EXPECT_THAT(plain, HasSubstr(wanted)) << arguments.front();
      EXPECT_THAT(made.warnings, Not(Contains(HasSubstr(flag)))) << arguments.front();
    }
  }
}

TEST(Migrate, NeedsNoRowForAnOptionThatIsNamedAlike) {
  const auto yaml = [](const Arguments& arguments) { return ask("node_exporter", arguments).yaml; };
  EXPECT_THAT(yaml({"--collector.drm.quite-new", "--path.procfs=/p"}), HasSubstr("quite_new: true"));
  EXPECT_THAT(yaml({"--collector.drm.quite-new", "--path.procfs=/p"}), HasSubstr("procfs: /p"));
  EXPECT_THAT(yaml({"--no-collector.drm.quite-new"}), HasSubstr("quite_new: false"));
  EXPECT_THAT(yaml({"--collector.drm.newer-list", "a"}), HasSubstr("newer_list: a"));
  EXPECT_THAT(yaml({"--collector.bcache.priorityStats"}), HasSubstr("priority_stats: true"));
}

TEST(Migrate, NamesWhatIsMissingAndWhy) {
  const Migrated made =
      ask("node_exporter", {"--collector.ntp", "--collector.runit", "--collector.supervisord.url=u", "--collector.zfs",
                            "--collector.sysctl.include=x", "--collector.drm.odd=1"});
  for (const char* line :
       {"--collector.ntp: deprecated in node_exporter, and left out here",
        "--collector.runit: deprecated in node_exporter, and left out here",
        "--collector.supervisord.url: deprecated in node_exporter, and left out here",
        "--collector.zfs: vitalsd has no such collector", "--collector.sysctl.include: vitalsd has no such collector",
        "--collector.drm.odd: the collector has no such option in vitalsd"}) {
    EXPECT_THAT(made.warnings, Contains(line));
  }
  EXPECT_THAT(made.warnings, Not(Contains(HasSubstr("bcache:")))) << "it is here";
}

TEST(Migrate, SaysWhereADefaultIsNotThatOfAllBuilds) {
  const auto doubts = Contains(HasSubstr("--collector.systemd: on, as Debian"));
  EXPECT_THAT(ask("node_exporter", {}).warnings, doubts);
  EXPECT_THAT(ask("node_exporter", {}).yaml, HasSubstr("systemd:\n    enabled: true"));
  for (const char* flag : {"--collector.systemd", "--no-collector.systemd", "--collector.disable-defaults"}) {
    EXPECT_THAT(ask("node_exporter", {flag}).warnings, Not(doubts)) << flag;
  }
}

TEST(Migrate, TakesTheListOfCollectorsOfOldVersions) {
  const Migrated made = ask("node_exporter", {"-collectors.enabled", "netdev,zfs,nonsense"});
  EXPECT_THAT(made.yaml, HasSubstr("disable_defaults: true\n  netdev:\n    enabled: true\n"));
  EXPECT_THAT(made.yaml, Not(HasSubstr("bcache")));
  EXPECT_THAT(made.warnings, Contains("--collectors.enabled: no collector of node_exporter is named nonsense"));
  EXPECT_THAT(made.warnings, Contains("--collector.zfs: vitalsd has no such collector"));
}

TEST(Migrate, FallsToTheNeighboursOwnPort) {
  const std::pair<std::string, std::string> cases[] = {{"node_exporter", ":9100"}, {"process-exporter", ":9256"}};
  for (const auto& [exporter, port] : cases) {
    for (const char* address : {"nonsense", "", ":99999", "vsock://:9100", "[::1"}) {
      const Migrated made = ask(exporter, {"--web.listen-address=" + std::string(address)});
      EXPECT_THAT(made.yaml, HasSubstr("listen_address: [\"" + port + "\"]")) << address;
      EXPECT_THAT(made.warnings, Contains(HasSubstr("left out, " + port + " is used"))) << address;
    }
  }
  const Migrated made = ask("node_exporter", {"--web.listen-address=:1", "--web.listen-address=nonsense"});
  EXPECT_THAT(made.yaml, HasSubstr("listen_address: [\":1\"]"));
  EXPECT_THAT(made.warnings, Contains(HasSubstr("nonsense")));
  EXPECT_THAT(made.warnings, Not(Contains(HasSubstr("is used"))));
}

TEST(Migrate, EachRowLeadsSomewhereOrSaysWhy) {
  for (const Exporter& exporter : exporters()) {
    for (const MoveRow& row : exporter.rows) {
      EXPECT_EQ(std::ranges::count(exporter.rows, row.flag, &MoveRow::flag), 1) << row.flag;
      if (row.move == Move::none) {
        EXPECT_FALSE(row.note.empty()) << row.flag;
      }
    }
  }
}

}  // namespace
}  // namespace vitalsd::conf
