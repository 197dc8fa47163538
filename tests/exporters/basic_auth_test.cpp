#include "exporters/http/basic_auth.h"

#include <gtest/gtest.h>

namespace vitalsd::http {
namespace {

TEST(BasicAuth, Credentials) {
  struct Case {
    std::string_view field, user, password;
  };
  for (const Case& c :
       {Case{"Basic YWxpY2U6c2VjcmV0", "alice", "secret"}, Case{"basic  YWxpY2U6c2VjcmV0", "alice", "secret"},
        Case{"BASIC YTo=", "a", ""}, Case{"Basic Og==", "", ""}, Case{"Basic YTpiOmM=", "a", "b:c"},
        Case{"Basic w6Q6w7w=", "\xc3\xa4", "\xc3\xbc"}, Case{"Basic YTov/+8=", "a", "/\xff\xef"}}) {
    const auto got = basic_credentials(c.field);
    ASSERT_TRUE(got) << c.field;
    EXPECT_EQ(got->user, c.user) << c.field;
    EXPECT_EQ(got->password, c.password) << c.field;
  }
}

TEST(BasicAuth, WhatIsNone) {
  for (const std::string_view field : {"", "Basic", "Basic ", "Bearer YWxpY2U6c2VjcmV0", "Basic YWxpY2U", "Basic YTo",
                                       "Basic YTo==", "Basic YWxpY2U=", "Basic YT o=", "Basic YTo=\n", "Basic YTp=",
                                       "Basic ====", "Basic YTo=YTo=", "Basic YTo-", "YWxpY2U6c2VjcmV0"}) {
    EXPECT_FALSE(basic_credentials(field)) << field;
  }
}

}  // namespace
}  // namespace vitalsd::http
