// Every metric that widely used dashboards, alerts and rules ask for is a family of a collector, or of another's, which
// is said here.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "core/collector.h"

namespace vitalsd {
namespace {

namespace fs = std::filesystem;

struct Elsewhere {
  std::string_view name, why;
};
constexpr std::array kElsewhere = {
    Elsewhere{"node_exporter_build_info", "the daemon's own"},
    Elsewhere{"node_scrape_collector_*", "the daemon's own, made of its collectors' runs"},
};

std::set<std::string, std::less<>> families() {
  std::set<std::string, std::less<>> names;
  for (const CollectorSpec& spec : registered_collectors()) {
    for (const Family* family : spec.families) names.emplace(family->name);
  }
  return names;
}

// "x_bucket", "x_sum" and "x_count" are series of a histogram "x".
bool is_there(const std::set<std::string, std::less<>>& families, std::string_view name) {
  if (families.contains(name)) return true;
  for (const std::string_view suffix : {"_bucket", "_sum", "_count"}) {
    if (name.ends_with(suffix) && families.contains(name.substr(0, name.size() - suffix.size()))) return true;
  }
  return false;
}

bool is_elsewhere(std::string_view name) {
  return std::ranges::any_of(kElsewhere, [name](const Elsewhere& each) {
    return each.name.ends_with('*') ? name.starts_with(each.name.substr(0, each.name.size() - 1)) : name == each.name;
  });
}

TEST(Consumers, FindTheirMetrics) {
  const fs::path lists = fs::path(VITALSD_SOURCE_DIR) / "../shared/conformance/consumers";
  if (!fs::exists(lists)) GTEST_SKIP() << "no lists of metrics at " << lists;
  const auto families = vitalsd::families();
  std::size_t asked = 0;
  for (const auto& list : fs::directory_iterator(lists)) {
    std::ifstream in(list.path());
    for (std::string name; std::getline(in, name);) {
      if (name.empty() || name.starts_with('#')) continue;
      ++asked;
      EXPECT_TRUE(is_there(families, name) || is_elsewhere(name)) << name << " of " << list.path().filename();
      EXPECT_FALSE(is_there(families, name) && is_elsewhere(name)) << name << " is a collector's by now";
    }
  }
  EXPECT_GT(asked, 250U);
}

}  // namespace
}  // namespace vitalsd
