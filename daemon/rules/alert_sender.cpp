#include "daemon/rules/alert_sender.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "daemon/config/config_file.h"
#include "daemon/config/masked.h"
#include "daemon/rules/alert_time.h"
#include "daemon/run/on_pool.h"
#include "daemon/service/json_text.h"
#include "exporters/http/basic_auth.h"
#include "exporters/http/client.h"

namespace vitalsd {
namespace asio = boost::asio;
namespace {

constexpr std::string_view kPath = "/api/v2/alerts";

std::int64_t ms_of(std::chrono::nanoseconds span) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(span).count();
}

void append_object(std::string& out, const std::vector<std::pair<std::string, std::string>>& pairs) {
  out += '{';
  std::string_view comma;
  for (const auto& [name, value] : pairs) {
    out += comma;
    comma = ",";
    append_json_string(out, name);
    out += ':';
    append_json_string(out, value);
  }
  out += '}';
}

/// One request, which owns all that the pool's thread touches.
struct Request {
  std::string url, username, password_file, token_file, body;
  std::chrono::milliseconds timeout{};
  std::string error;     ///< empty: it was taken
  bool refused = false;  ///< it would be refused again

  void run() {
    std::string fields;
    if (!credentials(fields)) return;
    const auto answer = http::post(url, "application/json", fields, body, timeout);
    if (!answer) {
      error = answer.error();
    } else if (answer->status / 100 != 2) {
      constexpr std::size_t kMostShown = 200;
      error = "status " + std::to_string(answer->status) + ": " + answer->body.substr(0, kMostShown);
      refused = answer->status == 400;
    }
  }

 private:
  bool credentials(std::string& fields) {
    const std::string& file = !token_file.empty() ? token_file : password_file;
    if (file.empty()) return true;
    auto secret = conf::read_config_file(file);
    if (!secret) {
      error = secret.error();
      return false;
    }
    while (secret->ends_with('\n') || secret->ends_with('\r')) secret->pop_back();
    if (secret->find_first_of("\r\n") != secret->npos) {
      error = "'" + file + "' must hold one line";
      return false;
    }
    fields = "Authorization: " +
             (!token_file.empty() ? "Bearer " + *secret : "Basic " + http::encode_base64(username + ":" + *secret)) +
             "\r\n";
    return true;
  }
};

}  // namespace

std::string notices_json(const AlertNotices& notices, std::size_t most, std::string_view generator_url) {
  std::string out = "[";
  std::string_view comma;
  for (auto one = notices.begin(); one != notices.end() && most > 0; ++one, --most) {
    out += comma;
    comma = ",";
    out += "{\"labels\":";
    append_object(out, one->first.pairs());
    out += ",\"annotations\":";
    append_object(out, one->second.annotations);
    out += ",\"startsAt\":\"" + rfc3339(one->second.starts_at_ms) + "\",\"endsAt\":\"" +
           rfc3339(one->second.ends_at_ms) + '"';
    if (!generator_url.empty()) {
      out += ",\"generatorURL\":";
      append_json_string(out, generator_url);
    }
    out += '}';
  }
  return out += ']';
}

void AlertSender::configure(const Config& config) {
  config_ = config.alertmanager;
  external_ = config.external_labels;
  std::vector<ManagerPtr> next;
  for (const std::string& url : config_.urls) {
    const auto known = std::ranges::find_if(managers_, [&](const ManagerPtr& one) { return one->url == url; });
    next.push_back(known != managers_.end() ? *known : std::make_shared<Manager>(Manager{.url = url}));
    next.back()->counts.alertmanager = conf::masked_url(url);
  }
  for (const ManagerPtr& one : managers_) one->gone = std::ranges::find(next, one) == next.end();
  managers_ = std::move(next);
}

void AlertSender::take(RuleGroups& groups, std::int64_t now_ms) {
  if (managers_.empty()) return;
  const std::int64_t resend_ms = ms_of(config_.resend);
  groups.each_rule([&](const GroupState& group, RuleState& rule) {
    for (auto& [labels, alert] : rule.alerts.alerts()) {
      if (alert.state == Alert::State::pending || alert.fired_at == 0) continue;
      const bool is_news = alert.resolved_at > alert.sent_at;
      if (!is_news && (alert.state == Alert::State::resolved || now_ms - alert.sent_at < resend_ms)) continue;
      alert.sent_at = now_ms;
      rules::LabelSet sent = labels;
      for (const auto& [name, value] : external_) {
        if (sent.get(name).empty()) sent.set(name, value);
      }
      // Without news for four turns an Alertmanager takes the alert for resolved.
      constexpr int kTurns = 4;
      const std::int64_t lasts_ms = kTurns * std::max(resend_ms, ms_of(group.group->interval));
      const AlertNotice notice{alert.annotations, alert.fired_at,
                               alert.state == Alert::State::resolved ? alert.resolved_at : now_ms + lasts_ms};
      for (const ManagerPtr& manager : managers_) {
        if (manager->waiting.size() < kMostWaiting || manager->waiting.contains(sent)) {
          manager->waiting.insert_or_assign(sent, notice);
        } else {
          ++manager->counts.dropped;
        }
      }
    }
  });
  for (const ManagerPtr& manager : managers_) {
    if (!manager->waiting.empty() && !std::exchange(manager->sending, true)) {
      asio::co_spawn(loop_, send(manager), asio::detached);
    }
  }
}

asio::awaitable<void> AlertSender::send(ManagerPtr manager) {
  asio::steady_timer timer(loop_);
  while (!manager->waiting.empty() && !manager->gone) {
    const auto timeout = std::chrono::duration_cast<std::chrono::milliseconds>(config_.timeout);
    const auto request = std::make_shared<Request>();
    request->url = manager->url + std::string(kPath);
    request->username = config_.username;
    request->password_file = config_.password_file;
    request->token_file = config_.bearer_token_file;
    request->body = notices_json(manager->waiting, kBatch, config_.generator_url);
    request->timeout = timeout;
    AlertNotices batch;
    for (const auto& one : manager->waiting) {
      if (batch.size() == kBatch) break;
      batch.insert(one);
    }
    const SteadyTime now = clock_.steady();
    manager->retry.asked(now);
    const std::function<void()> work = [request] { request->run(); };
    const bool answered = co_await on_pool(loop_, pool_, now + 2 * timeout, work);
    const std::string error = answered ? request->error : "no answer in time";
    done(*manager, batch, error, answered && request->refused);
    while (!error.empty() && !manager->gone && !manager->retry.due(clock_.steady())) {
      timer.expires_after(std::chrono::milliseconds(200));
      co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    }
  }
  manager->sending = false;
}

// What was replaced by news meanwhile still waits.
void AlertSender::done(Manager& manager, const AlertNotices& sent, const std::string& error, bool refused) {
  if (!error.empty()) {
    manager.counts.errors += sent.size();
    log_.warn_limited("alertmanager/" + manager.url, "an Alertmanager does not take alerts",
                      {{"alertmanager", conf::masked_url(manager.url)}, {"error", error}});
    if (!refused) return;
    manager.counts.dropped += sent.size();
  } else {
    manager.counts.sent += sent.size();
    manager.retry.granted();
  }
  for (const auto& [labels, notice] : sent) {
    const auto found = manager.waiting.find(labels);
    if (found != manager.waiting.end() && found->second == notice) manager.waiting.erase(found);
  }
}

std::vector<NoticeCounts> AlertSender::counts() const {
  std::vector<NoticeCounts> all;
  for (const ManagerPtr& manager : managers_) {
    all.push_back(manager->counts);
    all.back().waiting = manager->waiting.size();
  }
  return all;
}

}  // namespace vitalsd
