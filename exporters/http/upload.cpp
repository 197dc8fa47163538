// A connection's part of an upload: reads the body as fast as its route takes it, and waits as long as enough arrives.
#include "exporters/http/upload.h"

#include <algorithm>
#include <utility>

#include "exporters/http/body_reader.h"
#include "exporters/http/connection.h"

namespace vitalsd::http {
namespace {

using boost::asio::awaitable;
constexpr std::size_t kPart = 64U << 10U;  // bytes for one call of the route, and the most that a connection holds
constexpr std::size_t kStep = 16U << 10U;  // bytes that must arrive within Limits::progress

}  // namespace

awaitable<Connection::Got> Connection::open_upload() {
  const Request asked = request();
  deadline_ = SteadyTime::max();
  state_ = State::handling;
  try {
    auto opening = route_->upload(asked);
    Opened opened = co_await std::move(opening);
    upload_ = std::move(opened.upload);
    response_ = std::move(opened.refusal);
  } catch (const std::exception& error) {
    refuse(500, std::string("the handler failed: ") + error.what());
  }
  if (state_ == State::closed) co_return Got::nothing;
  co_return upload_ ? Got::all : Got::refusal;
}

awaitable<Connection::Got> Connection::hand_over(std::string part) {
  deadline_ = SteadyTime::max();
  state_ = State::handling;
  bool refused = false;
  try {
    auto taking = upload_->take(std::move(part));
    auto refusal = co_await std::move(taking);
    refused = refusal.has_value();
    if (refused) response_ = *std::move(refusal);
  } catch (const std::exception& error) {
    refused = true;
    refuse(500, std::string("the handler failed: ") + error.what());
  }
  if (state_ == State::closed) co_return Got::nothing;
  co_return refused ? Got::refusal : Got::all;
}

awaitable<void> Connection::end_upload() {
  if (!upload_) co_return;
  const auto upload = std::move(upload_);
  try {
    auto ending = upload->give_up();
    co_await std::move(ending);
  } catch (const std::exception&) {  // nothing more can be done
  }
}

awaitable<Connection::Got> Connection::receive_upload() {
  Got got = co_await open_upload();
  if (got != Got::all) co_return got;
  const auto length = parser_->content_length();
  BodyReader body(head_.is_chunked ? std::nullopt : std::optional<std::uint64_t>(length ? *length : 0));
  if (buffer_.size() == 0 && head_.expect == RequestHead::Expect::go_on && !body.is_done() && !say_continue()) {
    co_return Got::nothing;
  }
  std::string part;
  std::size_t since_step = kStep;
  for (;;) {
    if (since_step >= kStep) {
      since_step = 0;
      state_ = State::receiving;
      waiting_since_ = std::chrono::steady_clock::now();
      set_deadline(hub_->limits().progress);
    }
    const std::string_view bytes(static_cast<const char*>(buffer_.data().data()), buffer_.size());
    const std::size_t before = part.size();
    buffer_.consume(body.take(bytes, part, kPart - part.size()));
    since_step += part.size() - before;
    if (body.has_failed()) {
      refuse(400, "the chunks of the body make no sense");
      got = Got::refusal;
      break;
    }
    if (part.size() == kPart || (body.is_done() && !part.empty())) {
      auto handing = hand_over(std::move(part));
      got = co_await std::move(handing);
      part.clear();
      if (got != Got::all) break;
      since_step = kStep;
    }
    if (body.is_done()) co_return Got::all;
    if (since_step >= kStep || buffer_.size() > 0) continue;
    const bool more = co_await fill();
    if (more) continue;
    got = timed_out_ ? Got::refusal : Got::nothing;
    if (timed_out_) refuse(408, "the body did not arrive in time");
    break;
  }
  co_await end_upload();
  co_return state_ == State::closed ? Got::nothing : got;
}

}  // namespace vitalsd::http
