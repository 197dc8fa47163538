// The texts of a rule's labels and annotations: `{{ $value }}` and `{{ $labels.NAME }}` stand for those of the alert.
//   const auto text = parse_template("{{ $labels.device }} has {{ $value }}"); text->expand(labels, 0.5)
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/rules/language/label_set.h"
#include "daemon/rules/language/token.h"

namespace vitalsd::rules {

class TextTemplate {
 public:
  std::string expand(const LabelSet& labels, double value) const;
  const std::string& source() const noexcept { return source_; }

 private:
  friend std::expected<TextTemplate, ExpressionFault> parse_template(std::string_view text);
  struct Piece {
    enum class Kind : std::uint8_t { literal, value, label };
    Kind kind;
    std::string text;  ///< as it is, or a label's name
  };
  std::string source_;
  std::vector<Piece> pieces_;
};

/// Anything else between braces is a fault: Prometheus' functions are not known here.
std::expected<TextTemplate, ExpressionFault> parse_template(std::string_view text);

/// A number as Go prints it by default: the fewest digits that read back as the same number, `1e+21`, `+Inf`, `NaN`.
std::string value_text(double value);

}  // namespace vitalsd::rules
