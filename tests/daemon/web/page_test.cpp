// The status page's files as a browser gets them.
#include "daemon/web/page.h"

#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "daemon/web/page_files.h"
#include "exporters/gunzip.h"

namespace vitalsd {
namespace {

std::string path_of(std::string_view name) {
  return std::string(kPageFiles).append(page_hash()).append("/").append(name);
}

http::Response ask_for(std::string_view path, std::string_view encoding = "gzip", std::string_view known = {}) {
  const http::Request request{
      .method = "GET", .path = path, .query = {}, .accept = {}, .accept_encoding = encoding, .if_none_match = known};
  return path == "/" ? answer_page(request) : answer_page_file(request);
}

std::string html() { return *ask_for("/", "").body; }

TEST(Page, HtmlIsAskedForAnewAndScriptsAreKeptForEver) {
  const auto page = ask_for("/");
  EXPECT_EQ(page.content_type, "text/html; charset=utf-8");
  EXPECT_EQ(page.cache_control, "no-cache");
  EXPECT_FALSE(page.etag.empty());
  const auto script = ask_for(path_of("main.js"));
  EXPECT_EQ(script.status, 200U);
  EXPECT_EQ(script.content_type, "text/javascript; charset=utf-8");
  EXPECT_EQ(script.cache_control, "private, max-age=31536000, immutable");
}

TEST(Page, IsCompressedForThoseWhoAcceptIt) {
  for (const PageFile& file : page_files()) {
    const std::string path = file.name == "index.html" ? "/" : path_of(file.name);
    const auto compressed = ask_for(path, "br, gzip");
    const auto plain = ask_for(path, "identity");
    EXPECT_EQ(compressed.content_encoding, "gzip");
    EXPECT_EQ(plain.content_encoding, "");
    EXPECT_TRUE(compressed.vary_encoding && plain.vary_encoding);
    std::string unpacked;
    ASSERT_EQ(gunzip(*compressed.body, 1 << 20, unpacked), Gunzip::done);
    EXPECT_EQ(unpacked, *plain.body) << file.name;
  }
}

TEST(Page, WhatTheClientHasIsNotSentAgain) {
  const auto first = ask_for("/");
  const auto again = ask_for("/", "gzip", first.etag);
  EXPECT_EQ(again.status, 304U);
  EXPECT_FALSE(again.body);
  EXPECT_EQ(again.etag, first.etag);
  EXPECT_EQ(ask_for("/", "gzip", "\"other\"").status, 200U);
}

TEST(Page, UnknownFilesAndOtherBuildsAreNotFound) {
  const std::string other = std::string(kPageFiles) + "0000000000000000/main.js";
  for (const std::string& path : {path_of("x.js"), path_of("index.html"), path_of(""), path_of("../page.cpp"), other,
                                  std::string("/page/"), std::string("/page/main.js")}) {
    const auto response = ask_for(path);
    EXPECT_EQ(response.status, 404U) << path;
    EXPECT_TRUE(response.no_store && response.cache_control.empty()) << path;
  }
}

TEST(Page, AllowsNothingFromElsewhereAndNoInlineScript) {
  EXPECT_TRUE(ask_for("/").content_policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'; "));
  EXPECT_EQ(ask_for("/").content_policy.find("unsafe"), std::string_view::npos);
  const std::string text = html();
  EXPECT_FALSE(std::regex_search(text, std::regex(R"(<script(?![^>]*src=)|<style|style=|\son[a-z]+=|https?:)")));
}

TEST(Page, WhatTheHtmlLinksIsThereAndNothingElse) {
  const std::string text = html();
  EXPECT_EQ(text.find('@'), std::string::npos);
  const std::regex link("\"page/([0-9a-f]{16})/([a-z.]+)\"");
  std::set<std::string> linked;
  for (std::sregex_iterator each(text.begin(), text.end(), link), end; each != end; ++each) {
    EXPECT_EQ((*each)[1].str(), page_hash());
    EXPECT_EQ(ask_for(path_of((*each)[2].str())).status, 200U) << (*each)[2];
    linked.insert((*each)[2]);
  }
  EXPECT_EQ(linked.size() + 1, page_files().size());
}

TEST(Page, NamesOfStrangersNeverBecomeMarkup) {
  const std::regex dangerous(
      R"(innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser|srcdoc)");
  for (const PageFile& file : page_files()) {
    std::string text;
    ASSERT_EQ(gunzip(file.gzip, 1 << 20, text), Gunzip::done);
    EXPECT_FALSE(std::regex_search(text, dangerous)) << file.name;
  }
}

TEST(Page, StaysWithinNinetyKilobytes) {
  std::size_t bytes = 0;
  for (const PageFile& file : page_files()) bytes += file.gzip.size();
  EXPECT_LT(bytes, 90'000U);
  EXPECT_GT(bytes, 20'000U);
}

}  // namespace
}  // namespace vitalsd
