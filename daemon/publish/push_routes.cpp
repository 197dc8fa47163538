// The routes of pushes: who may, what is taken, and the body on its way to a temporary file.
#include <algorithm>
#include <array>
#include <boost/asio/use_awaitable.hpp>
#include <cctype>
#include <utility>

#include "core/quantity.h"
#include "daemon/publish/publisher.h"
#include "daemon/run/on_pool.h"
#include "exporters/http/basic_auth.h"
#include "exporters/http/query.h"

namespace vitalsd {
namespace asio = boost::asio;
namespace {

constexpr auto kForever = std::chrono::steady_clock::time_point::max();
constexpr std::size_t kMostIgnored = 64U << 10U;  // of the body of a DELETE

http::Response answer_to(const PushRefusal& refusal) {
  http::Response response = http::text_response(refusal.status, refusal.text);
  if (refusal.status == 503) response.retry_after = 1;
  return response;
}

std::string too_large(std::size_t most) {
  return "the body is larger than the " + std::to_string(most) + " bytes of publish.max_size";
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

// Compares all of it, however soon it differs.
bool is_same_secret(std::string_view shown, std::string_view secret) {
  unsigned differs = shown.size() == secret.size() ? 0 : 1;
  for (std::size_t i = 0; i < shown.size(); ++i) {
    differs |= static_cast<unsigned char>(shown[i]) ^ static_cast<unsigned char>(secret[i % secret.size()]);
  }
  return differs == 0;
}

// As a bearer's, or as the password of any user, which is what many clients can send.
asio::awaitable<http::Entry> judge_token(std::string authorization, std::string token) {
  std::string shown;
  if (lower(authorization.substr(0, 7)) == "bearer ") {
    shown = authorization.substr(7);
  } else if (const auto basic = http::basic_credentials(authorization)) {
    shown = basic->password;
  }
  co_return is_same_secret(shown, token) ? http::Entry::granted : http::Entry::denied;
}

class PushUpload final : public http::Upload {
 public:
  PushUpload(asio::io_context& loop, Pool& pool, Publisher& publisher, std::shared_ptr<std::size_t> active,
             std::shared_ptr<GroupFiles> files, std::shared_ptr<Push> push)
      : loop_(loop),
        pool_(pool),
        publisher_(publisher),
        active_(std::move(active)),
        files_(std::move(files)),
        push_(std::move(push)) {
    ++*active_;
  }
  ~PushUpload() override { --*active_; }

  asio::awaitable<std::optional<http::Response>> take(std::string part) override {
    size_ += part.size();
    const bool ignored = push_->how == Push::How::remove;
    const std::size_t most = ignored ? kMostIgnored : push_->most_bytes;
    if (size_ > most) co_return http::text_response(413, too_large(most));
    if (ignored) co_return std::nullopt;
    if (!files_) {
      push_->memory += part;
      co_return std::nullopt;
    }
    struct Writing {
      std::shared_ptr<GroupFiles> files;
      std::shared_ptr<Push> push;
      std::string part;
      std::optional<PushRefusal> refused;
    };
    const auto writing = std::make_shared<Writing>(Writing{files_, push_, std::move(part), {}});
    const std::function<void()> write = [writing] {
      auto& file = writing->push->file;
      if (!file) {
        auto made = writing->files->uploads().make();
        if (made) file = *std::move(made);
        if (!made) writing->refused = disk_refusal(made.error());
      }
      if (!file) return;
      if (const auto written = file->append(writing->part); !written) writing->refused = disk_refusal(written.error());
    };
    co_await on_pool(loop_, pool_, kForever, write);
    if (!writing->refused) co_return std::nullopt;
    co_return answer_to(*writing->refused);
  }

  asio::awaitable<http::Response> finish() override {
    const auto push = push_;
    auto committing = publisher_.commit(push);
    const auto refused = co_await std::move(committing);
    if (refused) co_return answer_to(*refused);
    http::Response response;
    response.status = push->how == Push::How::remove ? 202 : 200;
    co_return response;
  }

  asio::awaitable<void> give_up() override {
    const auto push = push_;
    if (!push->file) co_return;
    const std::function<void()> drop = [push] { push->file.reset(); };
    co_await on_pool(loop_, pool_, kForever, drop);
  }

 private:
  asio::io_context& loop_;
  Pool& pool_;
  Publisher& publisher_;
  std::shared_ptr<std::size_t> active_;
  std::shared_ptr<GroupFiles> files_;
  std::shared_ptr<Push> push_;
  std::size_t size_ = 0;
};

// Nothing, or why a body of this type is not taken. What says nothing, or says what curl says of itself, is text.
std::string type_fault(std::string_view content_type) {
  const std::string type = lower(content_type.substr(0, content_type.find(';')));
  for (const std::string_view other : {"application/vnd.google.protobuf", "application/openmetrics-text"}) {
    if (type.starts_with(other)) {
      return std::string(other) + " is not taken: push the text format, text/plain; version=0.0.4";
    }
  }
  return {};
}

std::optional<double> time_to_live(const http::Request& request, double standard, std::string& fault) {
  std::string text(request.time_to_live);
  const auto query = http::parse_query(request.query);
  if (!query) {
    fault = query.error();
    return {};
  }
  if (query->has("ttl")) text = query->all("ttl").front();
  if (text.empty()) return standard;
  const auto span = parse_duration(text);
  if (span) return std::chrono::duration<double>(*span).count();
  fault = "ttl is no duration such as 90s or 12h: " + text;
  return {};
}

// None: the listener's own guard judges.
std::function<asio::awaitable<http::Entry>(std::string_view, bool)> judge_of(const std::string& token) {
  if (token.empty()) return {};
  return [token](std::string_view authorization, bool) { return judge_token(std::string(authorization), token); };
}

}  // namespace

void Publisher::add_routes(http::Routes& routes, const Config::Publish& config) {
  if (!config.enabled) return;
  for (const std::string_view path : {push_path::kOwn, push_path::kGateway, push_path::kGatewayBase64}) {
    routes.push_back({.path = std::string(path),
                      .label = "publish",
                      .methods = "PUT, POST, DELETE",
                      .handle = {},
                      .prefix = true,
                      .upload = [this](const http::Request& request) { return open(request); },
                      .judge = judge_of(config.token)});
  }
}

asio::awaitable<http::Opened> Publisher::open(http::Request request) {
  http::Opened opened;
  auto labels = push_path::parse(request.path);
  if (!labels) {
    opened.refusal = http::text_response(400, labels.error());
    co_return opened;
  }
  const auto push = push_of(request, *std::move(labels), opened.refusal);
  if (push) opened.upload = std::make_unique<PushUpload>(loop_, pool_, *this, active_, files_, push);
  co_return opened;
}

std::shared_ptr<Push> Publisher::push_of(const http::Request& request, GroupLabels labels,
                                         http::Response& refusal) const {
  const auto refuse = [&](unsigned status, std::string text) {
    refusal = answer_to({status, std::move(text)});
    return nullptr;
  };
  if (!unusable_.empty()) return refuse(503, unusable_);
  if (*active_ >= kMostUploads) return refuse(503, "too many pushes at once");
  auto push = std::make_shared<Push>();
  push->labels = std::move(labels);
  push->how = request.method == "PUT"    ? Push::How::replace
              : request.method == "POST" ? Push::How::merge
                                         : Push::How::remove;
  if (push->how == Push::How::remove) return push;
  if (std::string fault = type_fault(request.content_type); !fault.empty()) return refuse(415, std::move(fault));
  const std::string encoding = lower(request.content_encoding);
  push->compressed = encoding == "gzip" || encoding == "x-gzip";
  if (!push->compressed && !encoding.empty() && encoding != "identity") {
    return refuse(415, "the only Content-Encoding is gzip");
  }
  push->most_bytes = config_.max_size;
  if (request.content_length && *request.content_length > config_.max_size) {
    return refuse(413, too_large(config_.max_size));
  }
  std::string fault;
  const auto ttl = time_to_live(request, std::chrono::duration<double>(config_.ttl).count(), fault);
  if (!ttl) return refuse(400, std::move(fault));
  push->time_to_live = *ttl;
  return push;
}

}  // namespace vitalsd
