#include "collectors/formats/kmsg.h"

#include <gtest/gtest.h>

namespace vitalsd::kmsg {
namespace {

TEST(Kmsg, ReadsARecord) {
  const auto record = parse("6,1032,20803020147,-;usb 1-1: new device; fast\n SUBSYSTEM=usb\n DEVICE=c189:1\n");
  ASSERT_TRUE(record);
  EXPECT_EQ(record->level, 6U);
  EXPECT_EQ(record->facility, 0U);
  EXPECT_EQ(record->sequence, 1032U);
  EXPECT_FALSE(record->continues);
  EXPECT_EQ(record->text, "usb 1-1: new device; fast");
}

TEST(Kmsg, ReadsFacilitiesFlagsAndFieldsToCome) {
  const auto user = parse("30,1,0,c,caller=T1;systemd[1]: up");
  ASSERT_TRUE(user);
  EXPECT_EQ(user->level, 6U);
  EXPECT_EQ(user->facility, 3U);
  EXPECT_EQ(user->text, "systemd[1]: up");
  EXPECT_TRUE(parse("4,2,0,+;and more\n")->continues);
  EXPECT_EQ(parse("4,2,0,-;")->text, "");
}

TEST(Kmsg, RefusesWhatIsNoRecord) {
  for (const char* text : {"", ";", "6", "6,1,2", "6,1,2,-", "x,1,2,-;a", "6,,2,-;a", "6,1,2;a", "-6,1,2,-;a",
                           "6 ,1,2,-;a", "6,99999999999999999999,2,-;a", "6,1,2,-\n;a"}) {
    EXPECT_FALSE(parse(text)) << text;
  }
}

}  // namespace
}  // namespace vitalsd::kmsg
