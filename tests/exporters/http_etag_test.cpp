#include <gtest/gtest.h>

#include "exporters/http/etag.h"
#include "exporters/http/response_head.h"

namespace vitalsd::http {
namespace {

TEST(HttpEtag, IsFoundInAListHoweverWeak) {
  const std::string_view tag = "W/\"b,2\"";
  for (const std::string_view field :
       {"\"b,2\"", "W/\"b,2\"", "*", "\"a\", W/\"b,2\"", " ,\t\"a\",,\"b,2\"", "\"a\"\"b,2\"", "\"\", \"b,2\", x"}) {
    EXPECT_TRUE(has_etag(field, tag)) << field;
  }
  EXPECT_TRUE(has_etag("W/\"x\"", "\"x\""));
}

TEST(HttpEtag, WhatIsNoneIsNotFound) {
  for (const std::string_view field :
       {"", "b,2", "\"b\"", "\"b,2", "x \"b,2\"", "W/", "w/\"b,2\"", "\"a\" x \"b,2\"", "'b,2'"}) {
    EXPECT_FALSE(has_etag(field, "\"b,2\"")) << field;
  }
  EXPECT_FALSE(has_etag("*", ""));
}

TEST(HttpEtag, NotModifiedHasNoBodyAndNoLength) {
  Response response = text_response(200, "x");
  response.etag = "\"1\"";
  response.content_encoding = "gzip";
  response.cache_control = "no-cache";
  std::string head;
  append_head(head, not_modified(std::move(response)), After::keep);
  EXPECT_EQ(head,
            "HTTP/1.1 304 Not Modified\r\nCache-Control: no-cache\r\nETag: \"1\"\r\n"
            "X-Content-Type-Options: nosniff\r\n\r\n");
}

TEST(HttpEtag, CacheControlTakesThePlaceOfNoStore) {
  Response response = text_response(200, "x");
  response.content_policy = "default-src 'none'";
  std::string head;
  append_head(head, response, After::keep);
  EXPECT_NE(head.find("\r\nCache-Control: no-store\r\n"), std::string::npos);
  EXPECT_NE(head.find("\r\nContent-Security-Policy: default-src 'none'\r\n"), std::string::npos);
  EXPECT_EQ(head.find("ETag"), std::string::npos);
  response.cache_control = "immutable";
  head.clear();
  append_head(head, response, After::keep);
  EXPECT_NE(head.find("\r\nCache-Control: immutable\r\n"), std::string::npos);
  EXPECT_EQ(head.find("no-store"), std::string::npos);
}

}  // namespace
}  // namespace vitalsd::http
