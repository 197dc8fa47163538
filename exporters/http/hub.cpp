#include "exporters/http/hub.h"

#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "exporters/http/connection.h"
#include "exporters/http/response_head.h"

namespace vitalsd::http {
namespace {

// Connections beyond the limit that may ask their question before they are told 503; those beyond these are told at
// once.
constexpr std::size_t kRefusals = 32;

void refuse_at_once(const Fd& fd) {
  Response response = text_response(503, "too many connections");
  response.retry_after = 1;
  std::string text;
  append_head(text, response, After::close);
  text += *response.body;
  [[maybe_unused]] const auto sent = ::send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  ::shutdown(fd.get(), SHUT_WR);
}

}  // namespace

Hub::Hub(boost::asio::io_context& loop, Limits limits, Observer observer)
    : loop_(loop), limits_(limits), observer_(std::move(observer)), timer_(loop) {}

void Hub::admit(Fd fd, int family, std::shared_ptr<const Endpoint> endpoint) {
  bool refused = false;
  if (connections_.size() >= limits_.connections && served() >= limits_.connections && !evict_idle()) {
    if (connections_.size() >= limits_.connections + kRefusals) {
      if (!endpoint->guard->tls) refuse_at_once(fd);
      return;
    }
    refused = true;
  }
  Connection::start(shared_from_this(), std::move(endpoint), std::move(fd), family, refused);
}

std::size_t Hub::served() const {
  return static_cast<std::size_t>(std::ranges::count_if(connections_, [](auto* c) { return c->is_served(); }));
}

bool Hub::evict_idle() {
  Connection* oldest = nullptr;
  for (Connection* connection : connections_) {
    if (!connection->is_served() || !connection->is_idle()) continue;
    if (oldest == nullptr || connection->waiting_since() < oldest->waiting_since()) oldest = connection;
  }
  if (oldest != nullptr) oldest->close();
  return oldest != nullptr;
}

void Hub::close_idle(const Endpoint& endpoint) {
  for (Connection* connection : connections_) {
    if (&connection->endpoint() == &endpoint && !connection->may_stay() && connection->is_idle())
      connection->end_wait();
  }
}

void Hub::close_all() {
  for (Connection* connection : connections_) connection->close();
}

void Hub::enter(Connection& connection) {
  connection.slot = connections_.size();
  connections_.push_back(&connection);
}

void Hub::leave(Connection& connection) noexcept {
  connections_.back()->slot = connection.slot;
  std::swap(connections_[connection.slot], connections_.back());
  connections_.pop_back();
  if (connections_.empty() && draining_) tell_drained();
}

// One timer for all: deadlines mostly move away, so it is set again only when one comes before it.
void Hub::watch(SteadyTime deadline) {
  if (deadline >= armed_) return;
  armed_ = deadline;
  timer_.expires_at(deadline);
  timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (self && !error) self->sweep();
  });
}

void Hub::sweep() {
  const SteadyTime now = std::chrono::steady_clock::now();
  armed_ = SteadyTime::max();
  SteadyTime next = SteadyTime::max();
  for (Connection* connection : connections_) {
    if (connection->deadline() <= now) connection->expire();
    next = std::min(next, connection->deadline());
  }
  watch(next);
}

void Hub::drain() {
  draining_ = true;
  if (connections_.empty()) tell_drained();
}

void Hub::on_drained(std::function<void()> callback) {
  drained_ = std::move(callback);
  if (draining_ && connections_.empty()) tell_drained();
}

void Hub::tell_drained() {
  if (drained_) boost::asio::post(loop_, std::exchange(drained_, {}));
}

void Hub::orphan() noexcept {
  drained_ = {};
  observer_ = {};
}

}  // namespace vitalsd::http
