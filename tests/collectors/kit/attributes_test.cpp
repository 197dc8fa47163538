#include "collectors/kit/attributes.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "exporters/text.h"
#include "tests/fakes/fake_host.h"
#include "tests/fakes/run_collector.h"

namespace vitalsd {
namespace {

constexpr std::array kTable = {
    Attribute{"carrier", {"x_carrier", Kind::gauge, "Carrier."}},
    Attribute{"speed", {"x_speed_bytes", Kind::gauge, "Speed."}, 125000},
    Attribute{"flags", {"x_flags", Kind::gauge, "Flags."}, 1, 0},
};

class Device : public Collector {
 public:
  Result<void> collect(CollectContext& context, Sink& sink) override {
    added = add_attributes(kTable, *context.host.sysfs, "class/x/a", context, sink);
    return {};
  }
  std::size_t added = 0;
};

TEST(Attributes, AreScaledNumbers) {
  FakeHost fake;
  fake.sysfs->file("class/x/a/carrier", "1").file("class/x/a/speed", "1000\n").file("class/x/a/flags", "0x1003");
  Device device;
  const auto run = run_collector(device, fake.host);
  EXPECT_EQ(device.added, 3U);
  EXPECT_EQ(sample(run.text, "x_carrier"), "1");
  EXPECT_EQ(sample(run.text, "x_speed_bytes"), "125000000");
  EXPECT_EQ(sample(run.text, "x_flags"), "4099");
  EXPECT_TRUE(run.faults.empty());
}

TEST(Attributes, MissingIsAbsentAndBadIsAFault) {
  FakeHost fake;
  fake.sysfs->file("class/x/a/carrier", "1 2").error("class/x/a/speed", EINVAL);
  Device device;
  const auto run = run_collector(device, fake.host);
  EXPECT_EQ(device.added, 0U);
  EXPECT_TRUE(run.text.empty()) << run.text;
  ASSERT_EQ(run.faults.size(), 1U);
  EXPECT_EQ(run.faults[0].entity, "class/x/a");
  EXPECT_EQ(run.faults[0].field, "carrier");
  EXPECT_EQ(run.faults[0].code, Errc::malformed);
}

}  // namespace
}  // namespace vitalsd
