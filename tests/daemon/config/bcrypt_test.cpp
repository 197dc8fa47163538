#include "daemon/config/bcrypt.h"

#include <gmock/gmock.h>

namespace vitalsd::bcrypt {
namespace {

// From the test vectors of the first implementation.
TEST(Bcrypt, KnownHashes) {
  EXPECT_TRUE(matches("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"));
  EXPECT_TRUE(matches("U*U*", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK"));
  EXPECT_TRUE(matches("", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy"));
  EXPECT_FALSE(matches("U*", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"));
  EXPECT_FALSE(matches(std::string("U*U\0x", 5), "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"))
      << "what follows a zero byte would not count";
}

TEST(Bcrypt, Faults) {
  const std::string rest(53, 'a');
  for (const char* good : {"$2a$04$", "$2b$10$", "$2y$31$", "$2x$09$"}) EXPECT_EQ(fault_of(good + rest), "") << good;
  EXPECT_EQ(cost_of("$2y$16$" + rest), 16U);
  EXPECT_THAT(fault_of("$2b$03$" + rest), testing::HasSubstr("below 4"));
  EXPECT_THAT(fault_of("$2b$32$" + rest), testing::HasSubstr("above 31"));
  EXPECT_TRUE(is_slow("$2b$14$" + rest));
  EXPECT_FALSE(is_slow("$2b$13$" + rest));
  for (const std::string& bad :
       {std::string(), std::string("secret"), "$2b$10$" + rest + "a", "$2b$10$" + rest.substr(1), "$2c$10$" + rest,
        "$1b$10$" + rest, "$2b$1x$" + rest, "$2b$10:" + rest, "$2b$10$:" + rest.substr(1), "$6$salt$" + rest}) {
    EXPECT_THAT(fault_of(bad), testing::HasSubstr("must be a bcrypt hash")) << bad;
  }
}

TEST(Bcrypt, Equality) {
  EXPECT_TRUE(are_equal("", ""));
  EXPECT_TRUE(are_equal("abc", "abc"));
  EXPECT_FALSE(are_equal("abc", "abd"));
  EXPECT_FALSE(are_equal("abc", "ab"));
  EXPECT_FALSE(are_equal("xbc", "abc"));
}

}  // namespace
}  // namespace vitalsd::bcrypt
