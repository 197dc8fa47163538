// TLS and passwords of the listeners, and their renewal without a reload, as the exporter toolkit has it.
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "daemon/app.h"
#include "daemon/config/config_file.h"
#include "daemon/run/on_pool.h"
#include "daemon/service/resources.h"
#include "daemon/web/authenticator.h"

namespace vitalsd {
namespace asio = boost::asio;
using namespace std::chrono_literals;
namespace {

constexpr std::chrono::nanoseconds kLookEvery = 5s;  // a certificate is renewed weeks before it expires
constexpr std::chrono::nanoseconds kPatience = 10s;

}  // namespace

http::Limits App::limits_of(const Config& config) {
  http::Limits limits;
  limits.connections = connections_for(descriptor_limit(), config.web.max_connections);
  limits.header = std::chrono::duration_cast<std::chrono::milliseconds>(config.web.header_timeout);
  return limits;
}

std::shared_ptr<const http::Guard> App::guard_of(std::shared_ptr<const WebSecurity> security) {
  auto guard = std::make_shared<http::Guard>();
  guard->accept_failed = [this](int sys) {
    log_.warn_limited(
        "accept", "connections are refused by the system",
        {{"error", std::generic_category().message(sys)},
         {"remedy", "raise the limit of open files (LimitNOFILE=), or find who has used up the system's"}});
  };
  if (!security) return guard;
  guard->tls = security->tls;
  guard->fields = security->fields;
  guard->tls_failed = [this](const std::string& reason) {
    telemetry_.tls_failed();
    log_.warn_limited("tls/" + reason, "a TLS connection failed", {{"reason", reason}});
  };
  if (security->users.empty() && security->rate_interval == 0ns) return guard;
  guard->judge = [door = std::make_shared<Authenticator>(loop_, pool_, clock_, std::move(security), verdicts_)](
                     std::string_view authorization, bool familiar) { return door->judge(authorization, familiar); };
  return guard;
}

void App::use_web(std::shared_ptr<const WebSecurity> security, std::shared_ptr<const http::Guard> guard) {
  web_ = std::move(security);
  guard_ = std::move(guard);
  if (web_) {
    for (const std::string& warning : web_->warnings) log_.warn("web configuration", {{"warning", warning}});
  }
  verdicts_->keep(web_ ? web_->users : decltype(web_->users){});
  const bool expires = web_ && web_->tls && web_->tls->not_after() != std::chrono::sys_seconds::max();
  telemetry_.certificate(expires ? std::optional(web_->tls->not_after()) : std::nullopt);
}

asio::awaitable<void> App::watch_web_files() {
  struct Look {
    std::shared_ptr<const WebSecurity> before, after;
    std::string path;
    conf::Faults faults;
    std::vector<FileStamp> now;
    bool changed = false;
  };
  asio::steady_timer timer(loop_);
  std::vector<FileStamp> refused;  // the state of the files whose faults are logged already
  while (phase_ != Phase::stopping) {
    timer.expires_after(kLookEvery);
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    if (!web_) continue;
    const auto look = std::make_shared<Look>(Look{web_, nullptr, config_.web.config_file, {}, {}, false});
    const std::function<void()> work = [look] {
      for (const FileStamp& file : look->before->files) look->now.push_back(stamp_of(file.path));
      look->changed = look->now != look->before->files;
      const conf::Origin named{conf::Origin::Layer::standard, "web.config_file"};
      if (look->changed) look->after = conf::load_web_security(look->path, named, conf::read_config_file, look->faults);
    };
    const bool done = co_await on_pool(loop_, pool_, clock_.steady() + kPatience, work);
    // A reload may have been faster.
    if (!done || !look->changed || web_ != look->before || phase_ == Phase::stopping) continue;
    if (look->after) {
      const auto guard = guard_of(look->after);
      server_.bind(bindings(config_, guard));
      use_web(look->after, guard);
      telemetry_.web_reload_done(true);
      log_.info("web configuration renewed", {{"file", look->path}});
    } else if (refused != look->now) {
      telemetry_.web_reload_done(false);
      for (const ConfigFault& fault : look->faults.sorted()) {
        log_.error("web configuration refused, the one before stays in force", {{"error", describe(fault)}});
      }
    }
    refused = std::move(look->now);
  }
}

}  // namespace vitalsd
