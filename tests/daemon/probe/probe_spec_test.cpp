#include "daemon/probe/probe_spec.h"

#include <gtest/gtest.h>

namespace vitalsd {
namespace {

std::string fault_of(Record record) {
  record.texts.emplace("name", "p");
  try {
    read_probe_specs({record});
    return {};
  } catch (const OptionError& error) {
    return std::string(error.option()) + ": " + error.what();
  }
}

TEST(ProbeSpec, TargetsSelectTheKind) {
  const auto kind = [](const char* target) { return read_probe_specs({{{"name", "p"}, {"target", target}}})[0].kind; };
  EXPECT_EQ(kind("http://a"), ProbeKind::http);
  EXPECT_EQ(kind("https://a:8443/x?y"), ProbeKind::http);
  EXPECT_EQ(kind("unix:/run/a.sock:/x"), ProbeKind::http);
  EXPECT_EQ(kind("unix:/run/a.sock"), ProbeKind::local);
  EXPECT_EQ(kind("tcp://[::1]:25"), ProbeKind::tcp);
  EXPECT_EQ(kind("tls://a:993"), ProbeKind::tls);
}

TEST(ProbeSpec, BadRecordsAreRefusedWithAReason) {
  const Record cases[] = {
      {},
      {{"target", "a"}},
      {{"target", "tcp://a"}},
      {{"target", "tcp://a:0"}},
      {{"target", "tcp://a:70000"}},
      {{"target", "unix:a"}},
      {{"target", "http://user:secret@a/"}},
      {{"target", "http://a/ b"}},
      {{"target", "http://a"}, {"interval", "10s"}, {"timeout", "11s"}},
      {{"target", "http://a"}, {"method", "GET /"}},
      {{"target", "http://a"}, {"body", "("}},
      {{"target", "http://a"}, {"expect", "x"}},
      {{"target", "tcp://a:1"}, {"body", "x"}},
      {{"target", "http://a"}, {"username", "u"}},
      {{"target", "http://a"}, {"ca_file", "ca.pem"}},
      {{"target", "http://a"}, {"insecure", "maybe"}},
      {{"target", "http://a"}, {"ip_protocol", "ip5"}},
      {{"target", "http://a"}, {"user_agent", "a\r\nb: c"}},
  };
  for (const Record& record : cases) {
    const std::string fault = fault_of(record);
    EXPECT_TRUE(fault.starts_with("targets[0]: probe \"p\": ")) << fault;
    EXPECT_EQ(fault.find("secret"), fault.npos) << fault;
  }
}

TEST(ProbeSpec, BadListsAreRefused) {
  for (const char* status : {"2x", "600", "300-200", "6xx", "", "200,201"}) {
    Record record{{"target", "http://a"}};
    record.lists["status"] = {status};
    EXPECT_FALSE(fault_of(record).empty()) << status;
  }
  for (const char* header : {"a", "a b=c", "a=b\r\nc: d", "Host=x", "Content-Length=1"}) {
    Record record{{"target", "http://a"}};
    record.lists["headers"] = {header};
    EXPECT_FALSE(fault_of(record).empty()) << header;
  }
}

TEST(ProbeSpec, QueriesAreNotShown) {
  const auto spec = read_probe_specs({{{"name", "p"}, {"target", "http://a/b?token=secret"}}})[0];
  EXPECT_EQ(spec.shown, "http://a/b?***");
  EXPECT_EQ(spec.target, "http://a/b?token=secret");
}

}  // namespace
}  // namespace vitalsd
