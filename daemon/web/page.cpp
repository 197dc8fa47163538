#include "daemon/web/page.h"

#include <algorithm>
#include <string>

#include "daemon/web/page_files.h"
#include "exporters/gunzip.h"
#include "exporters/http/etag.h"
#include "exporters/http/negotiate.h"

namespace vitalsd {
namespace {

constexpr std::string_view kIndex = "index.html";
constexpr std::size_t kMostBytes = 1U << 20U;  // of a file, not compressed

http::Response response_of(const PageFile& file, const http::Request& request) {
  http::Response response{.content_type = file.type};
  response.vary_encoding = true;
  response.etag = file.etag;
  response.content_policy = kPagePolicy;
  response.cache_control = file.name == kIndex ? "no-cache" : "private, max-age=31536000, immutable";
  if (http::has_etag(request.if_none_match, file.etag)) return http::not_modified(std::move(response));
  if (http::accepts_gzip(request.accept_encoding)) {
    response.content_encoding = "gzip";
    response.body = std::make_shared<const std::string>(file.gzip);
    return response;
  }
  std::string text;
  if (gunzip(file.gzip, kMostBytes, text) != Gunzip::done) return http::text_response(500, "cannot unpack the page");
  response.body = std::make_shared<const std::string>(std::move(text));
  return response;
}

}  // namespace

http::Response answer_page(const http::Request& request) {
  return response_of(*std::ranges::find(page_files(), kIndex, &PageFile::name), request);
}

http::Response answer_page_file(const http::Request& request) {
  const std::string directory = std::string(kPageFiles).append(page_hash()).append("/");
  const auto files = page_files();
  if (request.path.starts_with(directory)) {
    const auto file = std::ranges::find(files, request.path.substr(directory.size()), &PageFile::name);
    if (file != files.end() && file->name != kIndex) return response_of(*file, request);
  }
  return http::text_response(404, "nothing here");
}

}  // namespace vitalsd
