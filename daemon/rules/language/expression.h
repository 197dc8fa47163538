// An expression of the rules' language, checked: PromQL without subqueries, offsets and string functions.
//   auto parsed = parse_expression("sum by (mode) (rate(node_cpu_seconds_total[5m]))"); if (!parsed) ...error()
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "collectors/kit/pattern.h"
#include "daemon/rules/language/token.h"

namespace vitalsd::rules {

enum class ValueType : std::uint8_t { scalar, vector, range };

struct LabelMatcher {
  enum class Op : std::uint8_t { equal, unequal, matches, differs };
  std::string label;
  Op op = Op::equal;
  std::string value;
  std::optional<Pattern> pattern = {};  ///< anchored at both ends

  /// A label that a series does not have is empty.
  bool fits(std::string_view text) const;
};

struct Expression;
using ExpressionPtr = std::unique_ptr<const Expression>;

struct NumberNode {
  double value;
};

struct SelectorNode {
  std::string name;  ///< that the series must have; empty: the matchers say
  std::vector<LabelMatcher> matchers = {};
  std::int64_t range_ms = 0;  ///< 0: an instant

  /// `label_text` is as a Block holds it; the name is compared too.
  bool fits(std::string_view series_name, std::string_view label_text) const;
};

struct FunctionSpec;  // functions.h

struct CallNode {
  const FunctionSpec* function;
  std::vector<ExpressionPtr> arguments;
};

enum class Aggregate : std::uint8_t { sum, avg, min, max, count, group, stddev, stdvar, quantile, topk, bottomk };

struct AggregateNode {
  Aggregate op;
  std::vector<std::string> labels;
  bool without = false;
  ExpressionPtr parameter;  ///< of quantile, topk and bottomk
  ExpressionPtr of;
};

enum class BinaryOp : std::uint8_t { add, sub, mul, div, mod, pow, atan2, eq, ne, gt, lt, ge, le, land, lor, lunless };
constexpr bool is_comparison(BinaryOp op) { return op >= BinaryOp::eq && op <= BinaryOp::le; }
constexpr bool is_set_operator(BinaryOp op) { return op >= BinaryOp::land; }

struct LabelMatching {
  enum class Card : std::uint8_t { one_to_one, many_to_one, one_to_many };
  Card card = Card::one_to_one;
  bool on = false;  ///< else ignoring
  std::vector<std::string> labels = {};
  std::vector<std::string> include = {};  ///< of group_left and group_right
};

struct BinaryNode {
  BinaryOp op;
  bool returns_bool;
  LabelMatching matching;
  ExpressionPtr left, right;
};

struct NegateNode {
  ExpressionPtr of;
};

struct Expression {
  std::variant<NumberNode, SelectorNode, CallNode, AggregateNode, BinaryNode, NegateNode> node;
  ValueType type;
  std::size_t offset;  ///< in the text
};

/// Bounded in length, in depth and in the number of its parts.
std::expected<ExpressionPtr, ExpressionFault> parse_expression(std::string_view text);

/// Visits every selector.
void each_selector(const Expression& expression, const std::function<void(const SelectorNode&)>& visit);

}  // namespace vitalsd::rules
