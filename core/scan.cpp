#include "core/scan.h"

#include <cstddef>

namespace vitalsd {
namespace {

constexpr bool is_blank(char c) noexcept { return c == ' ' || c == '\t'; }

}  // namespace

// Plain loops, because words are short and the standard library's find_first_of() calls memchr for each character.
Scan& Scan::skip_blanks() noexcept {
  std::size_t at = 0;
  while (at < rest_.size() && is_blank(rest_[at])) ++at;
  rest_.remove_prefix(at);
  return *this;
}

std::string_view Scan::optional_word() noexcept {
  skip_blanks();
  std::size_t size = 0;
  while (size < rest_.size() && !is_blank(rest_[size]) && rest_[size] != '\n') ++size;
  const std::string_view text = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return text;
}

std::string_view Scan::word() noexcept {
  const std::string_view text = optional_word();
  if (text.empty()) ok_ = false;
  return text;
}

std::string_view Scan::until(char stop) noexcept {
  const std::size_t at = rest_.find(stop);
  if (at == std::string_view::npos) {
    ok_ = false;
    return {};
  }
  const std::string_view text = rest_.substr(0, at);
  rest_.remove_prefix(at + 1);
  return text;
}

std::string_view Scan::line() noexcept {
  const std::size_t at = rest_.find('\n');
  const std::string_view text = rest_.substr(0, at);
  rest_.remove_prefix(at == std::string_view::npos ? rest_.size() : at + 1);
  return text;
}

bool Scan::accept(std::string_view text) noexcept {
  skip_blanks();
  if (!rest_.starts_with(text)) return false;
  rest_.remove_prefix(text.size());
  return true;
}

Scan& Scan::expect(std::string_view text) noexcept {
  if (!accept(text)) ok_ = false;
  return *this;
}

}  // namespace vitalsd
