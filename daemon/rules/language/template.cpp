#include "daemon/rules/language/template.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "core/metric_name.h"

namespace vitalsd::rules {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\n\r";
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

}  // namespace

std::expected<TextTemplate, ExpressionFault> parse_template(std::string_view text) {
  constexpr std::string_view kOpen = "{{", kClose = "}}", kLabels = "$labels.";
  using Kind = TextTemplate::Piece::Kind;
  if (text.size() > kMostExpressionBytes) return std::unexpected(ExpressionFault{0, "is longer than 16 KiB"});
  TextTemplate made;
  made.source_ = text;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t open = std::min(text.find(kOpen, at), text.size());
    if (open > at) made.pieces_.push_back({Kind::literal, std::string(text.substr(at, open - at))});
    if (open == text.size()) break;
    const std::size_t close = text.find(kClose, open);
    if (close == text.npos) return std::unexpected(ExpressionFault{open, "'{{' has no '}}'"});
    const std::string_view inside = trimmed(text.substr(open + 2, close - open - 2));
    at = close + kClose.size();
    if (inside == "$value") {
      made.pieces_.push_back({Kind::value, {}});
    } else if (inside.starts_with(kLabels) && is_label_name(inside.substr(kLabels.size()))) {
      made.pieces_.push_back({Kind::label, std::string(inside.substr(kLabels.size()))});
    } else {
      return std::unexpected(
          ExpressionFault{open, "only {{ $value }} and {{ $labels.NAME }} are understood in a text here"});
    }
  }
  return made;
}

std::string TextTemplate::expand(const LabelSet& labels, double value) const {
  std::string out;
  for (const Piece& piece : pieces_) {
    switch (piece.kind) {
      case Piece::Kind::literal: out += piece.text; break;
      case Piece::Kind::value: out += value_text(value); break;
      case Piece::Kind::label: out += labels.get(piece.text); break;
    }
  }
  return out;
}

std::string value_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  constexpr double kLeastFixed = 1e-4, kMostFixed = 1e21;
  const double size = std::fabs(value);
  const bool fixed = size == 0 || (size >= kLeastFixed && size < kMostFixed);
  std::array<char, 64> buffer{};
  const auto [end, code] = std::to_chars(buffer.begin(), buffer.end(), value,
                                         fixed ? std::chars_format::fixed : std::chars_format::scientific);
  return {buffer.begin(), end};
}

}  // namespace vitalsd::rules
