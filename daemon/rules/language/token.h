// The words of an expression, with their places (prometheus.io/docs/prometheus/latest/querying/basics).
//   const auto tokens = tokenize("sum(rate(x[5m])) > 1"); if (!tokens) show(tokens.error());
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace vitalsd::rules {

/// What is wrong with an expression, and where it is: an offset in bytes from its beginning.
struct ExpressionFault {
  std::size_t offset = 0;
  std::string message;
};

struct Token {
  enum class Kind : std::uint8_t { end, name, number, duration, text, symbol };
  Kind kind = Kind::end;
  std::size_t offset = 0;
  std::string text = {};     ///< as written; of a Kind::text, what it stands for
  double number = 0;         ///< of a number
  std::int64_t span_ms = 0;  ///< of a duration

  bool is(std::string_view symbol) const noexcept { return kind == Kind::symbol && text == symbol; }
  /// For names, in any case: `AND` is `and`.
  bool is_word(std::string_view word) const noexcept;
};

inline constexpr std::size_t kMostExpressionBytes = 16'384;

/// Ends with a token of Kind::end.
std::expected<std::vector<Token>, ExpressionFault> tokenize(std::string_view text);

/// The token for a message: `')'`, `end of the expression`.
std::string shown(const Token& token);

}  // namespace vitalsd::rules
