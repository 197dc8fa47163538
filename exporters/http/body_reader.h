// Finds a request's body among the bytes of a connection: of a known length, or in chunks (RFC 9112, section 7.1).
//   BodyReader body(length); const std::size_t used = body.take(bytes, out, room); if (body.is_done()) ...
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vitalsd::http {

class BodyReader {
 public:
  static constexpr std::size_t kMostFraming = 8192;  ///< bytes of one chunk's extensions, and of all trailers

  /// Without a length the body comes in chunks.
  explicit BodyReader(std::optional<std::uint64_t> length)
      : state_(length ? State::data : State::size), left_(length.value_or(0)), chunked_(!length) {
    if (length == 0U) state_ = State::done;
  }

  /// Appends at most `room` bytes of the body to `out`; returns how many of `bytes` were used.
  std::size_t take(std::string_view bytes, std::string& out, std::size_t room);
  bool is_done() const noexcept { return state_ == State::done; }
  /// The bytes are not a valid body, so nothing that follows on the connection can be understood.
  bool has_failed() const noexcept { return state_ == State::failed; }

 private:
  enum class State : unsigned char { size, extension, size_end, data, data_end, data_newline, trailer, done, failed };

  void take_framing(char c);
  void take_size(char c);
  void end_size();

  State state_;
  std::uint64_t left_;  ///< of the body, or of the chunk
  bool chunked_;
  bool has_digit_ = false;   ///< a digit of the chunk's size was read
  std::size_t framing_ = 0;  ///< bytes since the last byte of data
  std::size_t line_ = 0;     ///< bytes of the current trailer line
};

}  // namespace vitalsd::http
