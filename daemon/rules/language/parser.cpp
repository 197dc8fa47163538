// The grammar and the types of expressions (prometheus/promql/parser describes the language).
#include <algorithm>
#include <array>

#include "core/metric_name.h"
#include "core/options.h"
#include "daemon/rules/language/expression.h"
#include "daemon/rules/language/functions.h"
#include "daemon/rules/language/label_set.h"

namespace vitalsd::rules {
namespace {

using Kind = Token::Kind;
using Made = std::unique_ptr<const Expression>;
constexpr std::size_t kMostDepth = 64;
constexpr std::size_t kMostParts = 500;

struct OpRow {
  std::string_view text;
  BinaryOp op;
  int binds;  ///< the tighter the higher
};
constexpr int kPower = 6;
constexpr OpRow kOps[] = {
    {"or", BinaryOp::lor, 1},     {"and", BinaryOp::land, 2}, {"unless", BinaryOp::lunless, 2},
    {"==", BinaryOp::eq, 3},      {"!=", BinaryOp::ne, 3},    {">", BinaryOp::gt, 3},
    {"<", BinaryOp::lt, 3},       {">=", BinaryOp::ge, 3},    {"<=", BinaryOp::le, 3},
    {"+", BinaryOp::add, 4},      {"-", BinaryOp::sub, 4},    {"*", BinaryOp::mul, 5},
    {"/", BinaryOp::div, 5},      {"%", BinaryOp::mod, 5},    {"atan2", BinaryOp::atan2, 5},
    {"^", BinaryOp::pow, kPower},
};

struct AggregateRow {
  std::string_view text;
  Aggregate op;
  bool has_parameter = false;
};
constexpr AggregateRow kAggregates[] = {
    {"sum", Aggregate::sum},
    {"avg", Aggregate::avg},
    {"min", Aggregate::min},
    {"max", Aggregate::max},
    {"count", Aggregate::count},
    {"group", Aggregate::group},
    {"stddev", Aggregate::stddev},
    {"stdvar", Aggregate::stdvar},
    {"quantile", Aggregate::quantile, true},
    {"topk", Aggregate::topk, true},
    {"bottomk", Aggregate::bottomk, true},
};

struct MatchRow {
  std::string_view text;
  LabelMatcher::Op op;
};
constexpr MatchRow kMatches[] = {{"=", LabelMatcher::Op::equal},
                                 {"!=", LabelMatcher::Op::unequal},
                                 {"=~", LabelMatcher::Op::matches},
                                 {"!~", LabelMatcher::Op::differs}};

constexpr std::string_view kTypeWords[] = {"a scalar", "an instant vector", "a range vector"};
std::string_view word_of(ValueType type) { return kTypeWords[static_cast<std::size_t>(type)]; }

const AggregateRow* aggregate_of(const Token& token) {
  const auto* found = std::ranges::find_if(kAggregates, [&](const auto& row) { return token.is_word(row.text); });
  return found == std::end(kAggregates) ? nullptr : found;
}

const OpRow* operator_of(const Token& token) {
  const auto* found = std::ranges::find_if(kOps, [&](const OpRow& row) {
    return token.is(row.text) || (is_name_start(row.text.front()) && token.is_word(row.text));
  });
  return found == std::end(kOps) ? nullptr : found;
}

/// Unwinds the parser; caught in parse_expression().
struct Refusal {
  ExpressionFault fault;
};
[[noreturn]] void refuse(const Token& at, std::string message) { throw Refusal{{at.offset, std::move(message)}}; }

class Parser {
 public:
  explicit Parser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  Made run() {
    if (peek().kind == Kind::end) refuse(peek(), "is empty");
    Made made = binary(1);
    if (peek().kind != Kind::end) refuse(peek(), "unexpected " + shown(peek()));
    if (made->type == ValueType::range) {
      throw Refusal{{made->offset, "is a range vector: a function such as rate() makes an instant vector of it"}};
    }
    return made;
  }

 private:
  const Token& peek(std::size_t ahead = 0) const { return tokens_[std::min(at_ + ahead, tokens_.size() - 1)]; }
  const Token& take() { return tokens_[std::min(at_++, tokens_.size() - 1)]; }
  bool take_if(std::string_view symbol) {
    if (!peek().is(symbol)) return false;
    ++at_;
    return true;
  }
  bool take_word(std::string_view word) {
    if (!peek().is_word(word)) return false;
    ++at_;
    return true;
  }
  void expect(std::string_view symbol, std::string_view where) {
    if (!take_if(symbol)) {
      refuse(peek(), "expected '" + std::string(symbol) + "' " + std::string(where) + ", got " + shown(peek()));
    }
  }

  template <class Node>
  Made make(Node node, ValueType type, const Token& at) {
    if (++parts_ > kMostParts) refuse(at, "has too many parts, " + std::to_string(kMostParts) + " are allowed");
    return std::make_unique<const Expression>(std::move(node), type, at.offset);
  }

  Made binary(int least) {
    if (++depth_ > kMostDepth) refuse(peek(), "is nested too deeply");
    Made left = unary();
    for (const OpRow* row = operator_of(peek()); row != nullptr && row->binds >= least; row = operator_of(peek())) {
      const Token at = take();
      const bool returns_bool = take_word("bool");
      bool has_matching = false;
      LabelMatching matching = label_matching(has_matching);
      Made right = binary(row->binds == kPower ? kPower : row->binds + 1);
      left = join(at, *row, returns_bool, has_matching, std::move(matching), std::move(left), std::move(right));
    }
    --depth_;
    return left;
  }

  LabelMatching label_matching(bool& given) {
    LabelMatching matching;
    const bool on = peek().is_word("on");
    if (!on && !peek().is_word("ignoring")) return matching;
    take();
    given = true;
    matching.on = on;
    matching.labels = label_list();
    const bool left = peek().is_word("group_left");
    if (!left && !peek().is_word("group_right")) return matching;
    matching.card = left ? LabelMatching::Card::many_to_one : LabelMatching::Card::one_to_many;
    const Token at = take();
    if (peek().is("(")) matching.include = label_list();
    for (const std::string& label : matching.include) {
      if (on && std::ranges::find(matching.labels, label) != matching.labels.end()) {
        refuse(at, "label '" + label + "' must not be in on() and in " + at.text + "()");
      }
    }
    return matching;
  }

  Made join(const Token& at, const OpRow& row, bool returns_bool, bool has_matching, LabelMatching matching, Made left,
            Made right) {
    for (const auto* side : {&left, &right}) {
      if ((*side)->type == ValueType::range) {
        throw Refusal{{(*side)->offset, "'" + at.text + "' takes scalars and instant vectors, not a range vector"}};
      }
    }
    const bool scalars = left->type == ValueType::scalar && right->type == ValueType::scalar;
    const bool vectors = left->type == ValueType::vector && right->type == ValueType::vector;
    if (returns_bool && !is_comparison(row.op)) refuse(at, "bool goes with comparisons, not with '" + at.text + "'");
    if (scalars && is_comparison(row.op) && !returns_bool) {
      refuse(at, "a comparison of two scalars needs bool: '" + at.text + " bool'");
    }
    if (!vectors && is_set_operator(row.op)) refuse(at, "'" + at.text + "' takes instant vectors on both sides");
    if (!vectors && has_matching) refuse(at, "on() and ignoring() go between two instant vectors");
    if (is_set_operator(row.op) && matching.card != LabelMatching::Card::one_to_one) {
      refuse(at, "'" + at.text + "' takes no group_left or group_right");
    }
    const ValueType type = scalars ? ValueType::scalar : ValueType::vector;
    return make(BinaryNode{row.op, returns_bool, std::move(matching), std::move(left), std::move(right)}, type, at);
  }

  // Binds like a product: -2^2 is -(2^2), and -a * b is (-a) * b.
  Made unary() {
    const Token at = peek();
    const bool negative = at.is("-");
    if (!negative && !at.is("+")) return primary();
    take();
    Made of = binary(kPower);
    if (of->type == ValueType::range) refuse(at, "'" + at.text + "' takes a scalar or an instant vector");
    if (!negative) return of;
    const ValueType type = of->type;
    return make(NegateNode{std::move(of)}, type, at);
  }

  Made primary() {
    const Token at = peek();
    Made made;
    if (at.is("(")) {
      take();
      made = binary(1);
      expect(")", "to close the parenthesis");
    } else if (at.kind == Kind::number || at.is_word("inf") || at.is_word("nan")) {
      take();
      made = make(NumberNode{at.number}, ValueType::scalar, at);
    } else if (at.is("{")) {
      made = selector();
    } else if (at.kind == Kind::name) {
      made = named();
    } else if (at.kind == Kind::text) {
      refuse(at, "strings stand only in label matchers here");
    } else if (at.kind == Kind::duration) {
      refuse(at, "a duration stands only in the brackets of a range, such as [5m]");
    } else {
      refuse(at, "expected a value, got " + shown(at));
    }
    if (peek().is("[") || peek().is("@") || peek().is_word("offset")) refuse_after(*made);
    return made;
  }

  [[noreturn]] void refuse_after(const Expression& made) {
    if (peek().is("@") || peek().is_word("offset")) refuse(peek(), shown(peek()) + " is not supported by rules here");
    if (std::holds_alternative<SelectorNode>(made.node)) refuse(peek(), "a range has one pair of brackets");
    refuse(peek(), "a range is made of a selector alone; subqueries are not supported");
  }

  Made named() {
    const Token at = peek();
    const bool called = peek(1).is("(");
    if (const AggregateRow* row = aggregate_of(at);
        row != nullptr && (called || peek(1).is_word("by") || peek(1).is_word("without"))) {
      return aggregation(*row);
    }
    if (!called) {
      if (operator_of(at) != nullptr) refuse(at, "expected a value, got " + shown(at));
      return selector();
    }
    const FunctionSpec* function = find_function(at.text);
    if (function == nullptr) refuse(at, "unknown function '" + at.text.substr(0, 60) + "'");
    take();
    std::vector<Made> arguments = argument_list();
    if (arguments.size() < function->least || arguments.size() > function->most) {
      const std::string least = std::to_string(function->least), most = std::to_string(function->most);
      refuse(at, at.text + "() takes " + (least == most ? least : least + " to " + most) + " argument" +
                     (most == "1" ? "" : "s") + ", got " + std::to_string(arguments.size()));
    }
    for (std::size_t i = 0; i < arguments.size(); ++i) must_be(*arguments[i], function->parameters[i], at.text + "()");
    return make(CallNode{function, std::move(arguments)}, function->result, at);
  }

  void must_be(const Expression& argument, ValueType type, const std::string& where) {
    if (argument.type == type) return;
    const std::string hint = type == ValueType::range ? ", such as x[5m]" : "";
    throw Refusal{{argument.offset, where + " takes " + std::string(word_of(type)) + hint + " here, got " +
                                        std::string(word_of(argument.type))}};
  }

  std::vector<Made> argument_list() {
    std::vector<Made> arguments;
    expect("(", "before the arguments");
    if (take_if(")")) return arguments;
    do arguments.push_back(binary(1));
    while (take_if(","));
    expect(")", "after the arguments");
    return arguments;
  }

  Made aggregation(const AggregateRow& row) {
    const Token at = take();
    AggregateNode node{.op = row.op};
    bool grouped = grouping(node);
    std::vector<Made> arguments = argument_list();
    if (!grouped) grouping(node);
    const std::size_t wanted = row.has_parameter ? 2 : 1;
    if (arguments.size() != wanted) {
      refuse(at, at.text + "() takes " + std::to_string(wanted) + " argument" + (wanted == 1 ? "" : "s") + ", got " +
                     std::to_string(arguments.size()));
    }
    if (row.has_parameter) {
      must_be(*arguments.front(), ValueType::scalar, at.text + "()");
      node.parameter = std::move(arguments.front());
    }
    must_be(*arguments.back(), ValueType::vector, at.text + "()");
    node.of = std::move(arguments.back());
    return make(std::move(node), ValueType::vector, at);
  }

  bool grouping(AggregateNode& node) {
    if (!peek().is_word("by") && !peek().is_word("without")) return false;
    node.without = take().is_word("without");
    node.labels = label_list();
    return true;
  }

  std::vector<std::string> label_list() {
    std::vector<std::string> labels;
    expect("(", "before the labels");
    while (!take_if(")")) {
      const Token& label = take();
      if (label.kind != Kind::name || !is_label_name(label.text))
        refuse(label, "expected a label, got " + shown(label));
      labels.push_back(label.text);
      if (!peek().is(")")) expect(",", "between labels");
    }
    return labels;
  }

  Made selector() {
    const Token at = peek();
    SelectorNode node;
    if (at.kind == Kind::name) node.name = take().text;
    if (take_if("{")) matchers(node);
    const auto narrows = [](const LabelMatcher& matcher) { return !matcher.fits(""); };
    if (node.name.empty() && std::ranges::none_of(node.matchers, narrows)) {
      refuse(at, "a selector needs a name, or a matcher that an absent label does not fit");
    }
    if (take_if("[")) {
      const Token span = take();
      if (span.kind != Kind::duration) refuse(span, "expected a duration such as 5m, got " + shown(span));
      if (span.span_ms <= 0) refuse(span, "the range must be longer than 0");
      if (span.span_ms > kMostRangeMs) refuse(span, "the range is longer than a day, which no history here reaches");
      if (peek().is(":")) refuse(peek(), "subqueries are not supported");
      expect("]", "after the range");
      if (node.name.empty()) refuse(at, "a range needs the name of its metric");
      node.range_ms = span.span_ms;
    }
    const ValueType type = node.range_ms > 0 ? ValueType::range : ValueType::vector;
    return make(std::move(node), type, at);
  }

  void matchers(SelectorNode& node) {
    while (!take_if("}")) {
      const Token label = take();
      if (label.kind != Kind::name || !is_label_name(label.text))
        refuse(label, "expected a label, got " + shown(label));
      const Token op = take();
      const auto* row = std::ranges::find_if(kMatches, [&](const MatchRow& match) { return op.is(match.text); });
      if (row == std::end(kMatches)) refuse(op, "expected one of =, !=, =~, !~, got " + shown(op));
      const Token value = take();
      if (value.kind != Kind::text) refuse(value, "expected a string in quotes, got " + shown(value));
      add_matcher(node, label, row->op, value);
      if (!peek().is("}")) expect(",", "between matchers");
    }
  }

  static void add_matcher(SelectorNode& node, const Token& label, LabelMatcher::Op op, const Token& value) {
    if (label.text == kNameLabel) {
      if (!node.name.empty()) refuse(label, "the name is given twice");
      if (op == LabelMatcher::Op::equal && !value.text.empty()) {
        node.name = value.text;
        return;
      }
    }
    LabelMatcher matcher{label.text, op, value.text};
    if (op == LabelMatcher::Op::matches || op == LabelMatcher::Op::differs) {
      try {
        matcher.pattern.emplace("", "^(?:" + value.text + ")$");
      } catch (const OptionError& error) {
        refuse(value, error.what());
      }
    }
    node.matchers.push_back(std::move(matcher));
  }

  static constexpr std::int64_t kMostRangeMs = 86'400'000;

  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::size_t parts_ = 0;
};

}  // namespace

std::expected<ExpressionPtr, ExpressionFault> parse_expression(std::string_view text) {
  auto tokens = tokenize(text);
  if (!tokens) return std::unexpected(tokens.error());
  try {
    return Parser(*std::move(tokens)).run();
  } catch (Refusal& refusal) {
    return std::unexpected(std::move(refusal.fault));
  }
}

}  // namespace vitalsd::rules
