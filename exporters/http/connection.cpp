#include "exporters/http/connection.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/error.hpp>
#include <utility>

#include "exporters/http/response_head.h"
#include "exporters/http/routing.h"

namespace vitalsd::http {
namespace {

namespace asio = boost::asio;
using asio::awaitable;
using ErrorCode = boost::system::error_code;
using std::chrono::steady_clock;

constexpr std::size_t kReadSize = 4096;
constexpr std::size_t kPart = 256U << 10U;  // bytes of a response that the client must take within Limits::progress
constexpr std::size_t kLingerBytes = 1U << 20U;  // read and dropped after an error, so that the response is not lost
constexpr std::chrono::milliseconds kLinger{1000};
constexpr std::string_view kLate = "the request did not arrive in time";
constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

// Keeps the connection alive until its coroutine ends.
awaitable<void> serve([[maybe_unused]] std::shared_ptr<Connection> connection, awaitable<void> run) {
  co_await std::move(run);
}

}  // namespace

void Connection::start(std::shared_ptr<Hub> hub, std::shared_ptr<const Endpoint> endpoint, std::shared_ptr<Peer> peer,
                       Fd fd, int family, bool refused) {
  asio::io_context& loop = hub->loop();
  auto self = std::make_shared<Connection>(std::move(hub), std::move(endpoint), std::move(peer), std::move(fd), family,
                                           refused);
  Connection& connection = *self;
  asio::co_spawn(loop, serve(std::move(self), connection.run()), asio::detached);
}

Connection::Connection(std::shared_ptr<Hub> hub, std::shared_ptr<const Endpoint> endpoint, std::shared_ptr<Peer> peer,
                       Fd fd, int family, bool refused)
    : hub_(std::move(hub)),
      endpoint_(std::move(endpoint)),
      peer_(std::move(peer)),
      wire_(hub_->loop(), std::move(fd), family, endpoint_->guard->tls),
      buffer_(hub_->limits().header_bytes + 2 * kReadSize),
      waiting_since_(steady_clock::now()),
      refused_(refused) {
  hub_->enter(*this);
  ++peer_->open;
}

Connection::~Connection() {
  --peer_->open;
  hub_->leave(*this);
}

bool Connection::is_idle() const { return state_ == State::idle && !wire_.has_input(); }

void Connection::expire() {
  deadline_ = SteadyTime::max();
  if (state_ != State::receiving) return close();
  timed_out_ = true;
  ErrorCode ignored;
  wire_.socket().cancel(ignored);
}

void Connection::close() {
  state_ = State::closed;
  ErrorCode ignored;
  wire_.socket().close(ignored);
}

// A client may expect the connection to close between requests, but not before its first one: that one gets last_call.
void Connection::end_wait() {
  if (!first_) return close();
  set_deadline(hub_->limits().last_call);
}

void Connection::set_deadline(std::chrono::milliseconds from_now) {
  deadline_ = steady_clock::now() + from_now;
  hub_->watch(deadline_);
}

// A pipelined request may already be in the buffer; any other one arrives through the kernel.
void Connection::begin_wait() {
  head_.clear();
  parser_.emplace(head_, hub_->limits().target_bytes);
  parser_->header_limit(static_cast<std::uint32_t>(hub_->limits().header_bytes));
  parser_->body_limit(boost::none);  // the route decides
  route_ = nullptr;
  state_ = State::idle;
  waiting_since_ = steady_clock::now();
  set_deadline(first_ ? hub_->head_patience(*endpoint_) : hub_->limits().idle);
}

/// Reads more bytes into the buffer. False when there will be none.
awaitable<bool> Connection::fill() {
  auto wait_for = Wire::Socket::wait_read;
  for (;;) {
    // Waits before it reads, so that a request that has arrived stays in the kernel, where is_idle() sees it.
    if (!wire_.has_pending()) {
      const auto [waited] = co_await wire_.socket().async_wait(wait_for, kTuple);
      if (state_ == State::closed || timed_out_ || waited) co_return false;
    }
    if (wire_.begins_handshake() && !hub_->admit_handshake(*endpoint_)) co_return false;
    ErrorCode error;
    const std::size_t count = wire_.read_some(buffer_.prepare(kReadSize), error);
    wait_for = wire_.wait_for();
    buffer_.commit(count);
    if (count > 0) co_return true;
    if (!Wire::must_wait(error)) co_return false;
  }
}

/// True when the head is complete or malformed. If it is malformed, response_ is the error to send.
bool Connection::parse_head() {
  if (!parser_->got_some()) {  // empty lines before a request are ignored, RFC 9112 section 2.2
    const auto* bytes = static_cast<const char*>(buffer_.data().data());
    std::size_t skip = 0;
    while (skip < buffer_.size() && (bytes[skip] == '\r' || bytes[skip] == '\n')) ++skip;
    buffer_.consume(skip);
  }
  if (buffer_.size() == 0) return false;
  if (state_ == State::idle) {
    state_ = State::receiving;
    if (!first_) waiting_since_ = steady_clock::now();
    first_ = false;
    deadline_ = waiting_since_ + hub_->head_patience(*endpoint_);
    hub_->watch(deadline_);
  }
  ErrorCode error;
  buffer_.consume(parser_->put(buffer_.data(), error));
  if (error && error != boost::beast::http::error::need_more) {
    refuse(parser_->status_of(error), error.message());
    return true;
  }
  return parser_->is_header_done();
}

awaitable<Connection::Got> Connection::receive_head() {
  begin_wait();
  while (!parse_head()) {
    const bool more = co_await fill();
    if (more) continue;
    if (!timed_out_ && !wire_.was_asked_in_plain()) co_return Got::nothing;
    refuse(timed_out_ ? 408 : 400, timed_out_ ? kLate : "this port speaks HTTPS: ask for https://");
    co_return Got::refusal;
  }
  if (response_.status != 0 || !check_head()) co_return Got::refusal;
  const bool passed = co_await pass_guard();
  if (state_ == State::closed) co_return Got::nothing;
  co_return passed&& find_route() ? Got::all : Got::refusal;
}

bool Connection::check_head() {
  if (refused_) {
    refuse(503, "too many connections");
    response_.retry_after = 1;
    return false;
  }
  if (head_.hosts > 1 || (head_.hosts == 0 && head_.version >= 11)) return refuse(400, "a request has one Host");
  if (head_.encodings > 0 && !(head_.encodings == 1 && head_.is_chunked && head_.version >= 11))
    return refuse(501, "the only Transfer-Encoding is chunked");
  if (head_.expect == RequestHead::Expect::unknown) return refuse(417, "only 100-continue can be expected");
  return true;
}

/// False when the request was refused; then response_ is the error to send.
awaitable<bool> Connection::pass_guard() {
  const auto guard = endpoint_->guard;  // kept, as a reload may replace the listener's guard and routes
  const Route* const asked = route_of(*endpoint_->routes, head_.path());
  const auto judge = asked != nullptr && asked->judge ? asked->judge : guard->judge;
  if (!judge) co_return true;
  deadline_ = SteadyTime::max();
  state_ = State::handling;
  // Several Authorization fields count as none, since there is no reason to trust one of them.
  const std::string_view shown = head_.authorizations == 1 ? std::string_view(head_.authorization) : std::string_view();
  Entry entry = Entry::denied;
  try {
    auto judging = judge(shown, peer_->let_in);
    entry = co_await std::move(judging);
  } catch (const std::exception& error) {
    refuse(500, std::string("the password could not be checked: ") + error.what());
    co_return false;
  }
  if (state_ == State::closed) co_return false;
  state_ = State::receiving;
  waiting_since_ = steady_clock::now();
  set_deadline(hub_->limits().progress);
  switch (entry) {
    case Entry::granted: peer_->let_in = true; co_return true;
    case Entry::denied:
      refuse(401, "Unauthorized");
      response_.authenticate = "Basic realm=\"vitalsd\", charset=\"UTF-8\"";
      break;
    case Entry::too_fast: refuse(429, "Too Many Requests"); break;
    case Entry::busy: refuse(503, "too many passwords are being checked"); break;
  }
  if (entry != Entry::denied) response_.retry_after = 1;
  co_return false;
}

bool Connection::find_route() {
  routes_ = endpoint_->routes;
  route_ = route_of(*routes_, head_.path());
  if (route_ == nullptr) return refuse(404, "nothing here");
  if (!allows(route_->methods, head_.method)) {
    refuse(405, "the method must be one of: " + std::string(route_->methods));
    response_.allow = route_->methods;
    return false;
  }
  return route_->upload || check_body();
}

/// Checks the length of a body that will be read and dropped. False when the request was refused.
bool Connection::check_body() {
  if (head_.is_chunked) return refuse(411, "a body needs a Content-Length");
  const auto length = parser_->content_length();
  if (length && *length > hub_->limits().body_bytes) return refuse(413, "the body is too large");
  return true;
}

bool Connection::say_continue() {
  constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  ErrorCode error;
  return wire_.write_some({asio::buffer(kContinue), {}}, error) == kContinue.size();
}

// A body that the route does not take is read and dropped, because the next request follows it.
awaitable<Connection::Got> Connection::receive_body() {
  const auto length = parser_->content_length();
  std::uint64_t left = length ? *length : 0;
  if (left > buffer_.size() && head_.expect == RequestHead::Expect::go_on && !say_continue()) co_return Got::nothing;
  for (;;) {
    const auto take = std::min<std::uint64_t>(left, buffer_.size());
    buffer_.consume(take);
    left -= take;
    if (left == 0) co_return Got::all;
    const bool more = co_await fill();
    if (more) continue;
    if (!timed_out_) co_return Got::nothing;
    refuse(408, kLate);
    co_return Got::refusal;
  }
}

bool Connection::refuse(unsigned status, std::string_view why) {
  response_ = text_response(status, std::string(why));
  return false;
}

Request Connection::request() const {
  const auto length = parser_->content_length();
  return {.method = head_.method,
          .path = head_.path(),
          .query = head_.query(),
          .accept = head_.accept,
          .accept_encoding = head_.accept_encoding,
          .scrape_timeout = head_.scrape_timeout,
          .content_type = head_.content_type,
          .content_encoding = head_.content_encoding,
          .time_to_live = head_.time_to_live,
          .content_length = head_.is_chunked ? std::nullopt : std::optional(length ? *length : 0),
          .if_none_match = head_.if_none_match};
}

/// False when the route threw.
awaitable<bool> Connection::handle() {
  const Request asked = request();
  try {
    auto work = upload_ ? upload_->finish() : route_->handle(asked);
    response_ = co_await std::move(work);
    upload_.reset();
    co_return true;
  } catch (const std::exception& error) {
    refuse(500, std::string("the handler failed: ") + error.what());
  } catch (...) {
    refuse(500, "the handler failed");
  }
  co_return false;
}

awaitable<bool> Connection::send(bool keep) {
  const After after = !keep ? After::close : head_.version < 11 ? After::keep_alive : After::keep;
  response_head_.clear();
  append_head(response_head_, response_, after, endpoint_->guard->fields);
  const std::string_view head = response_head_;
  const bool bodiless = head_.method == "HEAD" || !response_.body;
  const std::string_view body = bodiless ? std::string_view() : std::string_view(*response_.body);
  const std::size_t total = head.size() + body.size();
  state_ = State::sending;
  std::size_t sent = 0;
  std::size_t part_end = 0;
  while (sent < total) {
    if (sent >= part_end) {
      part_end = std::min(total, sent + kPart);
      waiting_since_ = steady_clock::now();
      set_deadline(hub_->limits().progress);
    }
    const std::size_t of_head = std::min(sent, head.size());
    const std::size_t of_body = sent - of_head;
    const std::size_t body_end = part_end > head.size() ? part_end - head.size() : 0;
    const Wire::Buffers parts = {asio::buffer(head.substr(of_head)),
                                 asio::buffer(body.substr(of_body, body_end - of_body))};
    ErrorCode error;
    sent += wire_.write_some(parts, error);
    if (!error) continue;
    if (!Wire::must_wait(error)) co_return false;
    const auto [waited] = co_await wire_.socket().async_wait(wire_.wait_for(), kTuple);
    if (waited || state_ == State::closed) co_return false;
  }
  co_return true;
}

// Reads on after a refusal: if unread bytes were left at the close, the kernel would send a reset, which may overtake
// the response.
awaitable<void> Connection::linger() {
  ErrorCode error;
  wire_.end_writing(error);
  if (error) co_return;
  state_ = State::lingering;
  set_deadline(std::min(kLinger, hub_->limits().progress));
  buffer_.clear();
  std::size_t dropped = 0;
  while (dropped < kLingerBytes) {
    const bool more = co_await fill();
    if (!more) co_return;
    dropped += buffer_.size();
    buffer_.clear();
  }
}

void Connection::tell_tls_error() const {
  const auto& guard = *endpoint_->guard;
  if (!wire_.tls_error().empty() && guard.tls_failed) guard.tls_failed(wire_.tls_error());
}

awaitable<void> Connection::run() {
  for (;;) {
    response_ = {};
    response_.status = 0;
    Got got = co_await receive_head();
    if (got == Got::all && route_->upload) {
      got = co_await receive_upload();
    } else if (got == Got::all) {
      got = co_await receive_body();
    }
    if (got == Got::nothing) {
      co_await end_upload();
      tell_tls_error();
      co_return;
    }
    timed_out_ = false;
    const SteadyTime arrived = steady_clock::now();
    deadline_ = SteadyTime::max();
    state_ = State::handling;
    bool keep = false;
    if (got == Got::all) {
      const bool answered = co_await handle();
      if (!answered) co_await end_upload();
      if (state_ == State::closed) co_return;
      peer_->served = peer_->served || (answered && response_.status < 400);
      keep = answered && parser_->keep_alive() && may_stay();
    }
    const unsigned status = response_.status;
    const bool whole = co_await send(keep);
    response_.body.reset();
    hub_->observe(route_ != nullptr ? route_->label : std::string_view("other"), status, steady_clock::now() - arrived);
    routes_.reset();
    if (!whole) co_return;
    if (keep) continue;
    ErrorCode error;
    if (got == Got::refusal || buffer_.size() > 0 || wire_.has_input()) {
      co_await linger();
    } else {
      wire_.end_writing(error);
    }
    co_return;
  }
}

}  // namespace vitalsd::http
