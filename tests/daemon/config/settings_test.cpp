// Tests the table of settings: names are unique, defaults are valid, every row has its three spellings.
#include "daemon/config/settings.h"

#include <gtest/gtest.h>

#include <set>

#include "daemon/config/value.h"
#include "tests/daemon/config/config_fakes.h"

namespace vitalsd::conf {
namespace {

void expect_sound(const Settings& settings) {
  std::set<std::string> paths, variables;
  for (const Setting& setting : settings.all()) {
    EXPECT_TRUE(setting.path.empty() || paths.insert(setting.path).second) << setting.path;
    EXPECT_TRUE(variables.insert(variable_of(setting)).second) << setting.flag;
    EXPECT_EQ(settings.by_flag(setting.flag), &setting) << setting.flag;
    EXPECT_FALSE(setting.help.empty()) << setting.flag;
    EXPECT_EQ(&settings[setting.index], &setting);
    if (setting.command || setting.inherits || setting.default_value.empty()) continue;
    Assigned assigned;
    Faults faults;
    put_text(setting, std::string(setting.default_value), {}, assigned, faults);
    EXPECT_TRUE(faults.sorted().empty()) << setting.flag << ": default " << setting.default_value;
  }
}

TEST(Settings, AreSoundWithAnyCollectors) {
  expect_sound(Settings(fake_collectors()));
  expect_sound(Settings(registered_collectors()));
}

TEST(Settings, EveryRegisteredCollectorTakesItsDefaults) {
  for (const CollectorSpec& spec : registered_collectors()) {
    EXPECT_NO_THROW(spec.make(Options::defaults(spec.options))) << spec.name;
  }
}

TEST(Settings, AreFoundBySpelling) {
  const Settings settings(fake_collectors());
  const std::pair<const char*, const char*> cases[] = {
      {"web.listen-address", "web.listen_address"},
      {"web.listen_address", "web.listen_address"},
      {"web-listen.address", "web.listen_address"},
      {"web.config.file", "web.config_file"},
      {"path.udev.data", "paths.udev_data"},
      {"path.udev-data", "paths.udev_data"},
      {"collector.cpu", "collectors.cpu.enabled"},
      {"collector.cpu.enabled", "collectors.cpu.enabled"},
      {"collector.cpu.info.flags-include", "collectors.cpu.info_flags_include"},
      {"collector.cpu.info.flagsInclude", "collectors.cpu.info_flags_include"},  // as node_exporter spells some
      {"collector.defaults.fresh", "collectors.defaults.fresh"},
      {"collector.disable-defaults", "collectors.disable_defaults"},
      {"shutdown.hold-for-scrape", "shutdown.hold_for_scrape"},
      {"external-labels", "external_labels"},
  };
  for (const auto& [flag, path] : cases) {
    const Setting* found = settings.by_flag(flag);
    ASSERT_NE(found, nullptr) << flag;
    EXPECT_EQ(found, settings.by_path(path)) << flag;
  }
  for (const char* flag : {"", "web", "web.listen-addresses", "WEB.LISTEN-ADDRESS", ".enabled",
                           "web.listen-address.enabled", "collector.cpu.interval.enabled"}) {
    EXPECT_EQ(settings.by_flag(flag), nullptr) << flag;
  }
}

TEST(Settings, HaveTwinsInTheEnvironment) {
  const Settings settings(fake_collectors());
  EXPECT_EQ(variable_of(*settings.by_path("web.listen_address")), "VITALSD_WEB_LISTEN_ADDRESS");
  EXPECT_EQ(variable_of(*settings.by_path("collectors.cpu.enabled")), "VITALSD_COLLECTOR_CPU");
  EXPECT_EQ(variable_of(*settings.by_path("paths.udev_data")), "VITALSD_PATH_UDEV_DATA");
}

TEST(Settings, KnowTheKeysOfASection) {
  const Settings settings(fake_collectors());
  using Keys = std::vector<std::string_view>;
  EXPECT_EQ(settings.keys_of(""),
            (Keys{"web", "paths", "log", "external_labels", "shutdown", "exit_with_target", "reports", "history",
                  "publish", "budget", "security", "rules", "alertmanager", "collectors"}));
  EXPECT_EQ(settings.keys_of("log"), (Keys{"level", "format"}));
  EXPECT_EQ(settings.keys_of("collectors"), (Keys{"disable_defaults", "defaults", "cpu", "every", "extra"}));
  EXPECT_EQ(settings.keys_of("collectors.cpu"),
            (Keys{"enabled", "interval", "timeout", "fresh", "info_flags_include"}));
  EXPECT_EQ(settings.keys_of("lo"), Keys{});
}

}  // namespace
}  // namespace vitalsd::conf
