// Tests the pure functions of the HTTP server: addresses, URLs, queries, negotiation, heads.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exporters/http/address.h"
#include "exporters/http/client.h"
#include "exporters/http/negotiate.h"
#include "exporters/http/query.h"
#include "exporters/http/request_head.h"
#include "exporters/http/response_head.h"
#include "exporters/http/server.h"

namespace vitalsd::http {
namespace {

TEST(HttpAddress, WhatIsOne) {
  struct Case {
    std::string_view text, host, port, path;
  };
  const Case cases[] = {
      {":9955", "", "9955", ""},
      {"127.0.0.1:0", "127.0.0.1", "0", ""},
      {"localhost:65535", "localhost", "65535", ""},
      {"[::]:9955", "::", "9955", ""},
      {"[fe80::1%eth0]:1", "fe80::1%eth0", "1", ""},
      {"unix:/run/vitalsd.sock", "", "", "/run/vitalsd.sock"},
      {"unix:/run/with:colon", "", "", "/run/with:colon"},
  };
  for (const Case& c : cases) {
    const Address address = parse_address(c.text);
    EXPECT_EQ(address.host, c.host) << c.text;
    EXPECT_EQ(address.port, c.port) << c.text;
    EXPECT_EQ(address.path, c.path) << c.text;
    EXPECT_NO_THROW(check_address(c.text));
  }
}

TEST(HttpAddress, WhatIsNone) {
  const std::string long_path = "unix:/" + std::string(107, 'x');
  for (const std::string& text : {std::string(),
                                  std::string("9955"),
                                  std::string("host"),
                                  std::string("host:"),
                                  std::string("host:http"),
                                  std::string(":65536"),
                                  std::string(":-1"),
                                  std::string(": 1"),
                                  std::string(":000001"),
                                  std::string("::1:9955"),
                                  std::string("[::1]"),
                                  std::string("[::1:9955"),
                                  std::string("[host]:1"),
                                  std::string("[]:1"),
                                  std::string("a b:1"),
                                  std::string("a/b:1"),
                                  std::string("unix:"),
                                  std::string("unix:relative"),
                                  long_path,
                                  std::string("a\0b:1", 5),
                                  std::string(254, 'a') + ":1"}) {
    EXPECT_THROW(check_address(text), ListenError) << text;
  }
  try {
    check_address("nowhere");
    FAIL();
  } catch (const ListenError& error) {
    EXPECT_STREQ(error.what(), "listen address nowhere: want host:port, [v6]:port, :port or unix:/path");
  }
}

TEST(HttpAddress, NumbersResolveToThemselves) {
  for (const std::string_view text : {"127.0.0.1:80", "[::1]:443", "unix:/run/x"}) {
    const auto names = resolve(parse_address(text));
    ASSERT_EQ(names.size(), 1U);
    EXPECT_EQ(describe(names[0]), text);
  }
  const auto any = resolve(parse_address(":7"));
  ASSERT_EQ(any.size(), 2U);
  EXPECT_EQ(describe(any[0]), "[::]:7");
  EXPECT_EQ(describe(any[1]), "0.0.0.0:7");
}

TEST(HttpUrl, Parts) {
  struct Case {
    std::string_view text, host, port, path, target;
    bool tls = false;
  };
  const Case cases[] = {
      {"http://localhost:9955", "localhost", "9955", "", "/-/healthy"},
      {"http://localhost:9955/", "localhost", "9955", "", "/"},
      {"http://10.0.0.1/x?y=1", "10.0.0.1", "80", "", "/x?y=1"},
      {"http://[::1]/", "::1", "80", "", "/"},
      {"http://[::1]:1/", "::1", "1", "", "/"},
      {"https://localhost/", "localhost", "443", "", "/", true},
      {"https://h:8443", "h", "8443", "", "/-/healthy", true},
      {"unix:/run/v.sock", "", "", "/run/v.sock", "/-/healthy"},
      {"unix:/run/v.sock:/health", "", "", "/run/v.sock", "/health"},
  };
  for (const Case& c : cases) {
    const auto url = parse_url(c.text);
    ASSERT_TRUE(url) << c.text << ": " << url.error();
    EXPECT_EQ(url->address.host, c.host) << c.text;
    EXPECT_EQ(url->address.port, c.port) << c.text;
    EXPECT_EQ(url->address.path, c.path) << c.text;
    EXPECT_EQ(url->target, c.target) << c.text;
    EXPECT_EQ(url->tls, c.tls) << c.text;
  }
  for (const std::string_view bad : {"", "localhost:9955", "https://", "http://", "http://a b/", "http://a\r\n/",
                                     "http://host:port/", "unix:relative", "unix:"}) {
    EXPECT_FALSE(parse_url(bad)) << bad;
  }
}

TEST(HttpQuery, Decoded) {
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  const std::pair<std::string_view, Pairs> cases[] = {
      {"", {}},
      {"collect[]=cpu&collect[]=netdev", {{"collect[]", "cpu"}, {"collect[]", "netdev"}}},
      {"collect%5B%5d=a+b", {{"collect[]", "a b"}}},
      {"a&b=&=c&&d=e=f", {{"a", ""}, {"b", ""}, {"", "c"}, {"d", "e=f"}}},
      {"%00=%ff", {{std::string(1, '\0'), "\xFF"}}},
  };
  for (const auto& [text, pairs] : cases) {
    const auto query = parse_query(text);
    ASSERT_TRUE(query) << text;
    EXPECT_EQ(query->parameters(), pairs) << text;
  }
  const auto query = parse_query("x=1&y=2&x=3");
  EXPECT_THAT(query->all("x"), testing::ElementsAre("1", "3"));
  EXPECT_TRUE(query->has("y"));
  EXPECT_FALSE(query->has("z"));
}

TEST(HttpQuery, Refused) {
  std::string many;
  for (int i = 0; i < 257; ++i) many += "a&";
  for (const std::string& text : {std::string("a=%"), std::string("a=%4"), std::string("%zz=1"), std::string("a=%-1"),
                                  many, std::string(8193, 'a')}) {
    EXPECT_FALSE(parse_query(text)) << text;
  }
  many.resize(512);
  EXPECT_TRUE(parse_query(many));
}

TEST(HttpNegotiation, Gzip) {
  const std::pair<std::string_view, bool> cases[] = {
      {"", false},
      {"gzip", true},
      {"GZip", true},
      {"x-gzip", true},
      {"deflate", false},
      {"gzip, deflate, br", true},
      {"deflate , gzip ; q=0.8", true},
      {"gzip;q=0", false},
      {"gzip;q=0.000", false},
      {"gzip;q=0.001", true},
      {"gzip;q=1.000", true},
      {"gzip;q=1.001", false},
      {"gzip;q=2", false},
      {"gzip;q=", false},
      {"gzip;q=0.0001", false},
      {"gzip;q=-1", false},
      {"gzip;level=9", false},
      {"*", true},
      {"*;q=0", false},
      {"gzip;q=0, *", false},
      {"*;q=0, gzip", true},
      {"identity", false},
      {"identity, gzip", true},
      {"identity;q=0.5, gzip;q=0.4", false},
      {"identity;q=0, gzip;q=0.1", true},
      {"identity;q=0", false},
      {"gzipped", false},
      {",,gzip,,", true},
      {";", false},
  };
  for (const auto& [text, gzip] : cases) EXPECT_EQ(accepts_gzip(text), gzip) << text;
}

TEST(HttpHead, PathAndQueryOfATarget) {
  struct Case {
    std::string_view target, path, query;
  };
  const Case cases[] = {
      {"/metrics", "/metrics", ""},
      {"/metrics?a=b?c", "/metrics", "a=b?c"},
      {"/a%20b?", "/a%20b", ""},
      {"http://h:1/metrics?x", "/metrics", "x"},
      {"http://h", "/", ""},
      {"https://h?x", "/", "x"},
      {"*", "*", ""},
      {"httpd", "httpd", ""},
  };
  for (const Case& c : cases) {
    RequestHead head;
    head.target = c.target;
    EXPECT_EQ(head.path(), c.path) << c.target;
    EXPECT_EQ(head.query(), c.query) << c.target;
  }
}

TEST(HttpHead, ScrapeTimeout) {
  using std::chrono::milliseconds;
  EXPECT_EQ(parse_scrape_timeout("9.5"), milliseconds(9500));
  EXPECT_EQ(parse_scrape_timeout("10"), milliseconds(10000));
  for (const std::string_view bad : {"", "0", "-1", "nan", "inf", "1e300", "1e-12", "1s", " 1"}) {
    EXPECT_FALSE(parse_scrape_timeout(bad)) << bad;
  }
}

TEST(HttpHead, OfAnAnswer) {
  Response response = text_response(503, "no");
  response.retry_after = 1;
  response.vary_encoding = true;
  response.content_encoding = "gzip";
  std::string out;
  append_head(out, response, After::close);
  EXPECT_EQ(out,
            "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 3\r\n"
            "Content-Encoding: gzip\r\nVary: Accept-Encoding\r\nCache-Control: no-store\r\n"
            "X-Content-Type-Options: nosniff\r\nRetry-After: 1\r\nConnection: close\r\n\r\n");
}

}  // namespace
}  // namespace vitalsd::http
