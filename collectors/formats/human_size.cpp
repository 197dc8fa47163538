#include "collectors/formats/human_size.h"

#include <cmath>

#include "core/scan.h"

namespace vitalsd::human_size {
namespace {

constexpr std::string_view kFormat = "size";
constexpr std::string_view kLetters = "kMGTPEZY";

// Removes the unit's letter from the end, and returns the unit.
Result<double> take_unit(std::string_view& text) {
  if (text.empty()) return fail(Errc::malformed, kFormat);
  const char last = text.back();
  if (last >= '0' && last <= '9') return 1;
  const std::size_t power = kLetters.find(last == 'K' ? 'k' : last);
  if (power == std::string_view::npos) return fail(Errc::malformed, kFormat);
  text.remove_suffix(1);
  return std::ldexp(1.0, 10 * static_cast<int>(power + 1));
}

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

Result<double> of_bcache(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const auto unit = take_unit(text);
  if (!unit) return unit;
  const std::size_t point = text.find('.');
  if (!is_digits(text.substr(0, point))) return fail(Errc::malformed, kFormat);
  auto value = parse_number<double>(text.substr(0, point), kFormat);
  if (!value) return value;
  if (point != std::string_view::npos) {
    if (!is_digits(text.substr(point + 1))) return fail(Errc::malformed, kFormat);
    const auto parts = parse_number<double>(text.substr(point + 1), kFormat);
    if (!parts) return parts;
    *value += *parts / 10.24;
  }
  const double size = std::trunc(*value * *unit);
  return negative ? -size : size;
}

Result<double> of_bcachefs(std::string_view text) {
  const auto unit = take_unit(text);
  if (!unit) return unit;
  // from_chars accepts forms of numbers that the kernel does not print.
  if (!is_digits(text.substr(0, text.find('.')))) return fail(Errc::malformed, kFormat);
  const auto value = parse_number<double>(text, kFormat);
  if (!value) return value;
  if (text.find_first_not_of("0123456789.") != std::string_view::npos) return fail(Errc::malformed, kFormat);
  return std::trunc(*value * *unit);
}

}  // namespace vitalsd::human_size
