#include "daemon/config/masked.h"

#include <gtest/gtest.h>

#include "daemon/config/fault.h"

namespace vitalsd::conf {
namespace {

TEST(Masked, AUrlIsShownWithoutItsSecrets) {
  const std::pair<const char*, const char*> cases[] = {
      {"", ""},
      {"http://gateway:9091/metrics/job/x", "http://gateway:9091/metrics/job/x"},
      {"http://user:word@gateway:9091/x", "http://***@gateway:9091/x"},
      {"http://user:wo@rd@gateway", "http://***@gateway"},
      {"http://user:wo/rd@gateway", "http://***@gateway"},
      {"http://user:wo?rd@gateway", "http://***@gateway"},
      {"user:word@gateway:9091", "***@gateway:9091"},
      {"https://gateway/x?token=secret&a=b", "https://gateway/x?***"},
      {"https://gateway/x#secret", "https://gateway/x#***"},
      {"https://user:word@gateway?token=secret", "https://***@gateway?***"},
      {"https://gateway?token=secret@more", "https://***@more"},
  };
  for (const auto& [url, shown] : cases) EXPECT_EQ(masked_url(url), shown) << url;
}

TEST(Masked, WhatIsQuotedHoldsNoSecretOfAUrl) {
  EXPECT_EQ(conf::quoted("http://user:word@gateway?token=x"), "'http://***@gateway?***'");
  EXPECT_EQ(conf::quoted("--shutdown.push-ur=http://user:word@gateway"), "'--shutdown.push-ur=http://***@gateway'");
  EXPECT_EQ(conf::quoted("a@b?c"), "'a@b?c'");
  EXPECT_EQ(conf::quoted("http://u:" + std::string(200, 'p') + "@gateway"), "'http://***@gateway'")
      << "also where it is cut";
}

}  // namespace
}  // namespace vitalsd::conf
