#include "exporters/http/hub.h"

#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "exporters/http/connection.h"
#include "exporters/http/response_head.h"

namespace vitalsd::http {
namespace {

// How many connections beyond the limit are answered 503 after they have sent a request; any more are answered 503 at
// once.
constexpr std::size_t kRefusals = 32;
constexpr std::size_t kHeldPart = 4;  // 1/kHeldPart of the places is reserved for addresses that were served before

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

void Hub::admit(Fd fd, int family, const sockaddr_storage& from, std::shared_ptr<const Endpoint> endpoint) {
  const Endpoint& here = *endpoint;
  auto peer = peers_.of(from);
  const bool refused = !make_room(here, *peer);
  if (refused) {
    const auto others = count([&](const Connection& c) { return &c.endpoint() == &here && c.is_refused(); });
    if (others >= kRefusals) {
      if (!here.guard->tls) refuse_at_once(fd);
      return;
    }
  }
  Connection::start(shared_from_this(), std::move(endpoint), std::move(peer), std::move(fd), family, refused);
  if (!is_pressed(here)) return;
  for (Connection* connection : connections_) {
    if (&connection->endpoint() == &here) connection->hurry();
  }
}

// The total is checked first, since it is known: while it is below the limit, no listener is above it.
bool Hub::make_room(const Endpoint& endpoint, const Peer& newcomer) {
  const std::size_t for_strangers = limits_.connections - limits_.connections / kHeldPart;
  const auto ours = [&](const Connection& c) { return &c.endpoint() == &endpoint && c.is_served(); };
  const auto strange = [&](const Connection& c) { return ours(c) && !c.peer().served; };
  if (!newcomer.served && connections_.size() >= for_strangers && count(strange) >= for_strangers) {
    return evict(strange);
  }
  return connections_.size() < limits_.connections || count(ours) < limits_.connections || evict(ours);
}

bool Hub::admit_handshake(const Endpoint& endpoint) {
  const auto shaking = [&](const Connection& c) { return &c.endpoint() == &endpoint && c.is_shaking(); };
  return connections_.size() < limits_.handshakes || count(shaking) < limits_.handshakes || evict(shaking);
}

bool Hub::is_pressed(const Endpoint& endpoint) const {
  if (2 * connections_.size() < limits_.connections) return false;
  return 2 * count([&](const Connection& c) { return &c.endpoint() == &endpoint; }) >= limits_.connections;
}

std::chrono::milliseconds Hub::head_patience(const Endpoint& endpoint) const {
  const auto patience = std::min(limits_.header, limits_.progress);
  return is_pressed(endpoint) ? std::min(patience, limits_.pressed) : patience;
}

template <class Which>
std::size_t Hub::count(Which which) const {
  return static_cast<std::size_t>(std::ranges::count_if(connections_, [&](auto* c) { return which(*c); }));
}

bool Hub::evict() {
  return evict([](const Connection& c) { return c.is_served(); });
}

// Closes a connection of the address that has the most, so that a flood displaces only itself. Among these the order is
// that of Yields; among equals, the one that has waited longest.
template <class Which>
bool Hub::evict(Which which) {
  const SteadyTime now = std::chrono::steady_clock::now();
  Connection* chosen = nullptr;
  const auto comes_before = [now](const Connection& a, const Connection& b) {
    if (a.peer().open != b.peer().open) return a.peer().open > b.peer().open;
    if (a.yields(now) != b.yields(now)) return a.yields(now) < b.yields(now);
    return a.waiting_since() < b.waiting_since();
  };
  for (Connection* connection : connections_) {
    if (connection->yields(now) == Yields::never || !which(*connection)) continue;
    // may_yield() comes last, because it makes a system call.
    if ((chosen == nullptr || comes_before(*connection, *chosen)) && connection->may_yield(now)) chosen = connection;
  }
  if (chosen != nullptr) chosen->close();
  return chosen != nullptr;
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
  ++ended_;
  connections_.back()->slot = connection.slot;
  std::swap(connections_[connection.slot], connections_.back());
  connections_.pop_back();
  if (connections_.empty() && draining_) tell_drained();
}

// One timer serves all connections. Deadlines mostly move into the future, so it is set only for an earlier one.
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
