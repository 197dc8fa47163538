#include "daemon/web/target_states.h"

#include <gtest/gtest.h>

#include "core/collector.h"
#include "core/sink.h"
#include "daemon/web/health.h"

namespace vitalsd {
namespace {

constexpr std::array<std::string_view, 1> kLabels = {"target"};
constexpr Family kUp{"vitalsd_target_up", Kind::gauge, "", "", kLabels};
constexpr std::string_view kStrange = "a\\b\"c\n<d>,e=\"f\"";

class TargetStatesTest : public testing::Test {
 protected:
  void configure(std::initializer_list<std::string_view> names, bool enabled = true) {
    Options::Value watch;
    for (const auto name : names) watch.records.push_back({{"name", std::string(name)}, {"comm", "x"}});
    config.collectors["targets"].enabled = enabled;
    config.collectors["targets"].options.set("watch", watch);
  }
  void publish(std::initializer_list<std::pair<std::string_view, double>> states) {
    auto block = std::make_shared<Block>();
    BlockSink sink(*block);
    for (const auto& [name, up] : states) sink.add(kUp, {name}, up);
    block->finish();
    store.publish("targets", block);
  }
  std::vector<std::pair<std::string, bool>> states() const {
    std::vector<std::pair<std::string, bool>> all;
    for (const auto& [name, up] : target_states(config, store)) all.emplace_back(name, up);
    return all;
  }

  Config config;
  Store store;
};

TEST_F(TargetStatesTest, NamesAreThoseOfTheConfigurationWhateverTheyHold) {
  configure({"b", kStrange, "unseen"});
  publish({{kStrange, 0}, {"b", 1}, {"other", 1}});
  using States = std::vector<std::pair<std::string, bool>>;
  EXPECT_EQ(states(), (States{{"b", true}, {std::string(kStrange), false}}));
}

TEST_F(TargetStatesTest, WithoutTheCollectorThereAreNone) {
  publish({{"b", 1}});
  EXPECT_TRUE(states().empty());
  configure({"b"}, false);
  EXPECT_TRUE(states().empty());
}

TEST_F(TargetStatesTest, HealthShowsThemAsTheyAreNamed) {
  configure({kStrange});
  publish({{kStrange, 0}});
  const Jobs jobs{};
  const HealthFacts facts{"ok", {}, jobs, {}, {}, target_states(config, store)};
  EXPECT_NE(health_json(facts).find(R"("targets":{"a\\b\"c\n<d>,e=\"f\"":"down"})"), std::string::npos);
}

}  // namespace
}  // namespace vitalsd
