#include "daemon/service/log.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

namespace vitalsd {
namespace {

TEST(Log, LogfmtQuotesWhatItMust) {
  const std::pair<const char*, const char*> kCases[] = {
      {"plain", "plain"},
      {"", "\"\""},
      {"two words", "\"two words\""},
      {"a=b", "\"a=b\""},
      {"a\"b", "\"a\\\"b\""},
      {"line\nbreak", "\"line\\nbreak\""},
      {"\x01", "\"\\u0001\""},
      {"\xff", "\"\xEF\xBF\xBD\""},
      {"back\\slash", "\"back\\\\slash\""},
  };
  for (const auto& [text, expected] : kCases) {
    std::string out;
    append_logfmt(out, text);
    EXPECT_EQ(out, expected);
  }
}

class LogLines : public testing::Test {
 protected:
  std::string lines(std::string_view level, std::string_view format, const std::function<void(Log&)>& use) {
    testing::internal::CaptureStderr();
    {
      Log log(level, format);
      use(log);
    }
    return testing::internal::GetCapturedStderr();
  }
};

TEST_F(LogLines, OneEventIsOneLine) {
  const auto text = lines("info", "logfmt", [](Log& log) {
    log.debug("unseen");
    log.warn("collector failed", {{"collector", "cpu"}, {"error", "two\nlines"}});
  });
  EXPECT_EQ(std::ranges::count(text, '\n'), 1);
  EXPECT_NE(text.find(" level=warn msg=\"collector failed\" collector=cpu error=\"two\\nlines\"\n"), std::string::npos)
      << text;
  EXPECT_TRUE(text.starts_with("ts=20")) << text;
}

TEST_F(LogLines, JsonIsAnObject) {
  const auto text = lines("debug", "json", [](Log& log) { log.error("a \"b\"", {{"k", "v"}}); });
  EXPECT_TRUE(text.starts_with("{\"ts\":\"20")) << text;
  EXPECT_TRUE(text.ends_with("\",\"level\":\"error\",\"msg\":\"a \\\"b\\\"\",\"k\":\"v\"}\n")) << text;
}

TEST_F(LogLines, ARepeatedFaultIsSaidOnce) {
  const auto text = lines("info", "logfmt", [](Log& log) {
    for (int i = 0; i < 100; ++i) log.warn_limited("same", "fault", {});
    log.warn_limited("other", "fault", {});
  });
  EXPECT_EQ(std::ranges::count(text, '\n'), 2) << text;
}

}  // namespace
}  // namespace vitalsd
