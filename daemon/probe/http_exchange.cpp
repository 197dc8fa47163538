#include "daemon/probe/http_exchange.h"

#include <algorithm>
#include <array>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/optional.hpp>
#include <cctype>
#include <charconv>
#include <string_view>
#include <utility>

namespace vitalsd {
namespace asio = boost::asio;
namespace beast_http = boost::beast::http;
namespace {

constexpr std::size_t kMostHead = 64U << 10U, kChunk = 16U << 10U, kMostInformational = 16;

// A body of which the beginning is kept and all is counted.
struct KeptBody {
  struct value_type {
    std::string text;
    std::size_t keep = 0;
    std::uint64_t bytes = 0;
  };
  class reader {
   public:
    template <bool isRequest, class Fields>
    reader(beast_http::header<isRequest, Fields>&, value_type& body) : body_(body) {}
    void init(const boost::optional<std::uint64_t>&, boost::system::error_code& error) { error = {}; }
    template <class Buffers>
    std::size_t put(const Buffers& buffers, boost::system::error_code& error) {
      error = {};
      std::size_t all = 0;
      for (auto at = asio::buffer_sequence_begin(buffers); at != asio::buffer_sequence_end(buffers); ++at) {
        const asio::const_buffer part = *at;
        const std::size_t room = body_.keep - std::min(body_.keep, body_.text.size());
        body_.text.append(static_cast<const char*>(part.data()), std::min(room, part.size()));
        all += part.size();
      }
      body_.bytes += all;
      return all;
    }
    void finish(boost::system::error_code& error) { error = {}; }

   private:
    value_type& body_;
  };
};

using Parser = beast_http::response_parser<KeptBody>;

std::string text_of(const auto& view) { return std::string(view.data(), view.size()); }

// Reads one message; informational ones are for the caller to pass over.
class Reception {
 public:
  Reception(const HttpAsk& ask, HttpReply& reply) : ask_(ask), reply_(reply), buffer_(kMostHead + 2 * kChunk) {
    reset();
  }

  asio::awaitable<ProbeFault> run(Stream& stream) {
    for (std::size_t i = 0; i < kMostInformational; ++i) {
      const ProbeFault fault = co_await receive(stream);
      note_head();
      if (fault != ProbeFault::none) co_return fault;
      if (reply_.status >= 200 || reply_.status == 101) co_return ProbeFault::none;
      reset();
    }
    reply_.detail = "too many informational responses";
    co_return ProbeFault::malformed;
  }

 private:
  void reset() {
    parser_.emplace();
    parser_->header_limit(kMostHead);
    parser_->body_limit(ask_.body_limit);
    parser_->eager(true);
    parser_->skip(ask_.is_head);
    parser_->get().body().keep = ask_.keep;
  }

  asio::awaitable<ProbeFault> receive(Stream& stream) {
    if (const ProbeFault fault = parse(); fault != ProbeFault::none || parser_->is_done()) co_return fault;
    for (;;) {
      const std::size_t room = std::min(kChunk, buffer_.max_size() - buffer_.size());
      if (room == 0) co_return refuse("a line that does not end");
      const auto space = buffer_.prepare(room);
      std::size_t got = 0;
      const StreamStatus status = co_await stream.read_some(static_cast<char*>(space.data()), space.size(), got);
      if (status == StreamStatus::late) co_return late();
      if (status == StreamStatus::failed) {
        reply_.detail = stream.error();
        co_return ProbeFault::io;
      }
      if (status == StreamStatus::ended) co_return end(stream);
      if (reply_.first_byte == decltype(reply_.first_byte){}) reply_.first_byte = std::chrono::steady_clock::now();
      buffer_.commit(got);
      if (const ProbeFault fault = parse(); fault != ProbeFault::none || parser_->is_done()) co_return fault;
    }
  }

  ProbeFault parse() {
    if (buffer_.size() == 0) return ProbeFault::none;
    boost::system::error_code error;
    buffer_.consume(parser_->put(buffer_.data(), error));
    if (!error || error == beast_http::error::need_more) return ProbeFault::none;
    if (error == beast_http::error::body_limit) {
      reply_.detail = "the body is larger than body_limit";
      return ProbeFault::too_large;
    }
    return refuse(error.message());
  }

  ProbeFault refuse(const std::string& why) {
    reply_.detail = "not an HTTP response: " + why;
    return ProbeFault::malformed;
  }

  ProbeFault late() {
    reply_.detail = !parser_->got_some()         ? "no response in time"
                    : !parser_->is_header_done() ? "the response's head did not arrive in time"
                                                 : "the response's body did not arrive in time";
    return ProbeFault::timeout;
  }

  ProbeFault end(const Stream& stream) {
    boost::system::error_code error;
    if (parser_->got_some()) parser_->put_eof(error);
    if (parser_->got_some() && !error && parser_->is_done()) return ProbeFault::none;
    reply_.detail = parser_->got_some() ? "the connection was closed within the response" : stream.error();
    return ProbeFault::closed;
  }

  void note_head() {
    const auto& body = parser_->get().body();
    reply_.body = body.text;
    reply_.body_bytes = body.bytes;
    if (!parser_->is_header_done()) return;
    const auto& head = parser_->get();
    reply_.status = head.result_int();
    reply_.version = head.version();
    reply_.location = text_of(head[beast_http::field::location]);
    reply_.content_type = text_of(head[beast_http::field::content_type]);
    const auto length = head[beast_http::field::content_length];
    std::uint64_t number = 0;
    const auto [end, code] = std::from_chars(length.data(), length.data() + length.size(), number);
    if (!length.empty() && code == std::errc{} && end == length.data() + length.size()) reply_.content_length = number;
  }

  const HttpAsk& ask_;
  HttpReply& reply_;
  boost::beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
};

}  // namespace

asio::awaitable<ProbeFault> http_exchange(Stream& stream, HttpAsk ask, HttpReply& reply) {
  const StreamStatus sent = co_await stream.write(ask.text);
  reply.sent = std::chrono::steady_clock::now();
  if (sent == StreamStatus::late) {
    reply.detail = "the request could not be sent in time";
    co_return ProbeFault::timeout;
  }
  if (sent == StreamStatus::failed) {
    reply.detail = stream.error();
    co_return ProbeFault::io;
  }
  // A server may answer and close before it has read all of the request: the answer counts.
  Reception reception(ask, reply);
  co_return co_await reception.run(stream);
}

std::string http_request_line(std::string_view method, std::string_view target, std::string_view version) {
  std::string head(method);
  head.append(" ").append(target).append(" HTTP/").append(version).append("\r\n");
  return head;
}

void append_field(std::string& head, std::string_view name, std::string_view value) {
  head.append(name).append(": ").append(value).append("\r\n");
}

std::string basic_authorization(std::string_view user, std::string_view password) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::string text = std::string(user).append(":").append(password);
  std::string out = "Basic ";
  for (std::size_t i = 0; i < text.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, text.size() - i);
    unsigned bits = 0;
    for (std::size_t j = 0; j < 3; ++j) bits = bits << 8U | (j < count ? static_cast<unsigned char>(text[i + j]) : 0U);
    for (std::size_t j = 0; j < 4; ++j) out += j <= count ? kDigits[bits >> (18 - 6 * j) & 63U] : '=';
  }
  return out;
}

std::expected<std::string, std::string> redirected(const std::string& base, const std::string& location) {
  const std::string_view plain = std::string_view(location).substr(0, location.find('#'));
  if (plain.empty()) return std::unexpected("a redirect without a Location");
  if (plain.starts_with("http://") || plain.starts_with("https://")) return std::string(plain);
  const std::size_t colon = plain.find(':');
  if (colon != plain.npos && plain.find_first_of("/?") > colon) return std::unexpected("a redirect to another scheme");
  const bool local = base.starts_with("unix:");
  if (plain.starts_with("//")) {
    if (local) return std::unexpected("a redirect to another host");
    return base.substr(0, base.find(':') + 1).append(plain);
  }
  const std::size_t authority = local ? 5 : base.find("://") + 3;
  const std::size_t path = local ? base.find(":/", 5) + 1 : std::min(base.find_first_of("/?", authority), base.size());
  std::string url = base.substr(0, path);
  std::string_view old = std::string_view(base).substr(path);
  old = old.substr(0, old.find('?'));
  if (plain.starts_with('?')) return url.append(old.empty() ? "/" : old).append(plain);
  if (!plain.starts_with('/')) url.append(old.empty() ? "/" : old.substr(0, old.rfind('/') + 1));
  return url.append(plain);
}

}  // namespace vitalsd
