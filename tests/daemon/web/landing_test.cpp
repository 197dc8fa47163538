// The status page as whoever opens it reads it.
#include "daemon/web/landing.h"

#include <gtest/gtest.h>

#include "core/block.h"
#include "core/sink.h"

namespace vitalsd {
namespace {

constexpr Family kUptime{"vitalsd_uptime_seconds", Kind::gauge, "help"};

std::string page_after(double seconds) {
  const auto block = std::make_shared<Block>();
  BlockSink sink(*block);
  sink.add(kUptime, kNoLabels, seconds);
  block->finish();
  const Snapshot snapshot = {block};
  const Jobs none;
  return landing_page({.status = "ok", .jobs = none, .snapshot = snapshot, .now = {}}, "/metrics");
}

TEST(Landing, SaysUptimeInUnitsThatFit) {
  const auto shows = [](double seconds, const char* text) {
    return page_after(seconds).find(std::string("<b>") + text + "</b><span>host uptime") != std::string::npos;
  };
  EXPECT_TRUE(shows(42.9, "42 s"));
  EXPECT_TRUE(shows(125, "2 min 5 s"));
  EXPECT_TRUE(shows(3'600, "1 h 0 min"));
  EXPECT_TRUE(shows(3 * 86'400 + 4 * 3'600 + 59, "3 d 4 h"));
}

}  // namespace
}  // namespace vitalsd
