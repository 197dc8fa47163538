#include "core/scan.h"

#include <algorithm>

namespace vitalsd {

Scan& Scan::skip_blanks() noexcept {
  rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t"), rest_.size()));
  return *this;
}

std::string_view Scan::optional_word() noexcept {
  skip_blanks();
  const std::string_view text = rest_.substr(0, rest_.find_first_of(" \t\n"));
  rest_.remove_prefix(text.size());
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
