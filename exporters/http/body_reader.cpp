#include "exporters/http/body_reader.h"

#include <algorithm>

#include "exporters/http/percent.h"

namespace vitalsd::http {
namespace {

constexpr std::uint64_t kMostChunk = std::uint64_t{1} << 40U;

}  // namespace

std::size_t BodyReader::take(std::string_view bytes, std::string& out, std::size_t room) {
  std::size_t used = 0;
  while (used < bytes.size() && state_ != State::done && state_ != State::failed) {
    if (state_ != State::data) {
      take_framing(bytes[used++]);
      continue;
    }
    const auto most = std::min<std::uint64_t>(left_, std::min(room, bytes.size() - used));
    if (most == 0) break;
    out.append(bytes.substr(used, most));
    used += most;
    room -= most;
    left_ -= most;
    framing_ = 0;
    if (left_ == 0) state_ = chunked_ ? State::data_end : State::done;
  }
  return used;
}

void BodyReader::take_framing(char c) {
  if (++framing_ > kMostFraming) {
    state_ = State::failed;
    return;
  }
  const auto expect = [&](char wanted, State next) { state_ = c == wanted ? next : State::failed; };
  switch (state_) {
    case State::size: return take_size(c);
    case State::extension:
      if (c == '\r') state_ = State::size_end;
      if (c == '\n') state_ = State::failed;
      return;
    case State::size_end:
      if (c != '\n') {
        state_ = State::failed;
        return;
      }
      return end_size();
    case State::data_end: return expect('\r', State::data_newline);
    case State::data_newline: has_digit_ = false; return expect('\n', State::size);
    case State::trailer:  // trailers are dropped, up to an empty line
      if (c != '\n') {
        if (c != '\r') ++line_;
        return;
      }
      if (line_ == 0) state_ = State::done;
      line_ = 0;
      return;
    default: return;
  }
}

void BodyReader::take_size(char c) {
  const int digit = hex_digit(c);
  if (digit >= 0) {
    left_ = left_ * 16 + static_cast<std::uint64_t>(digit);
    has_digit_ = true;
    if (left_ > kMostChunk) state_ = State::failed;
  } else if (!has_digit_) {
    state_ = State::failed;
  } else if (c == '\r') {
    state_ = State::size_end;
  } else {
    state_ = c == ';' || c == ' ' || c == '\t' ? State::extension : State::failed;
  }
}

void BodyReader::end_size() {
  state_ = left_ == 0 ? State::trailer : State::data;
  line_ = 0;
}

}  // namespace vitalsd::http
