#include "core/lines.h"

namespace vitalsd {
namespace {

constexpr std::size_t kLongestKey = 64;  // of a key in the log, since a line without blanks may be of any length

}  // namespace

bool Lines::next() noexcept {
  while (!text_.at_end()) {
    whole_ = text_.line();
    line_ = Scan(whole_, format_);
    if (!line_.skip_blanks().at_end() && line_.rest() != "\r") return true;
  }
  return false;
}

bool Lines::keep(std::string_view key) {
  if (!line_.ok()) {
    reject(key);
    return false;
  }
  understood_ = true;
  return true;
}

void Lines::reject(std::string_view key) {
  if (key.empty()) key = Scan(whole_, format_).optional_word();
  faults_.partial(key.substr(0, kLongestKey), format_, {Errc::malformed, 0, format_}, {});
}

Result<void> Lines::result() const noexcept {
  if (!understood_) return fail(Errc::malformed, format_);
  return {};
}

}  // namespace vitalsd
