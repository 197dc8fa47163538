#include "daemon/rules/language/evaluate.h"

#include <algorithm>
#include <cmath>

#include "daemon/rules/language/operators.h"

namespace vitalsd::rules {
namespace {

struct Value {
  ValueType type = ValueType::vector;
  double scalar = 0;
  InstantVector vector = {};
};
Value number(double value) { return {ValueType::scalar, value, {}}; }
Value vector_of(InstantVector vector) { return {ValueType::vector, 0, std::move(vector)}; }

/// Latches its first error: what is computed after it means nothing.
class Evaluation {
 public:
  Evaluation(const SampleSource& source, std::int64_t at_ms, const EvaluationLimits& limits)
      : source_(source), at_ms_(at_ms), limits_(limits) {}

  Value of(const Expression& expression) {
    if (!error_.empty()) return {};
    Value made = std::visit([this](const auto& node) { return value(node); }, expression.node);
    work_ += made.vector.size();
    if (work_ > limits_.work) fail("works on more than " + std::to_string(limits_.work) + " samples");
    return made;
  }
  std::string& error() { return error_; }

 private:
  void fail(std::string error) {
    if (error_.empty()) error_ = std::move(error);
  }

  static Value value(const NumberNode& node) { return number(node.value); }

  Value value(const SelectorNode& node) {
    InstantVector found;
    source_.append_instant(node, limits_.series + 1, found);
    count_series(found.size());
    return vector_of(std::move(found));
  }

  Value value(const NegateNode& node) {
    Value of_it = of(*node.of);
    if (of_it.type == ValueType::scalar) return number(-of_it.scalar);
    for (InstantSample& sample : of_it.vector) {
      sample.value = -sample.value;
      sample.labels.remove_name();
    }
    return unique(std::move(of_it.vector));
  }

  Value value(const AggregateNode& node) {
    const double parameter = node.parameter ? of(*node.parameter).scalar : 0;
    return vector_of(aggregate(node, of(*node.of).vector, parameter));
  }

  Value value(const BinaryNode& node) {
    Value left = of(*node.left), right = of(*node.right);
    if (!error_.empty()) return {};
    const bool left_is_number = left.type == ValueType::scalar, right_is_number = right.type == ValueType::scalar;
    if (left_is_number && right_is_number) {
      const auto result = apply(node.op, left.scalar, right.scalar);
      return number(node.returns_bool ? (result ? 1 : 0) : *result);
    }
    if (left_is_number) return unique(combine(node, std::move(right.vector), left.scalar, true));
    if (right_is_number) return unique(combine(node, std::move(left.vector), right.scalar, false));
    auto combined = combine(node, std::move(left.vector), std::move(right.vector));
    if (combined) return unique(*std::move(combined));
    fail(std::move(combined.error()));
    return {};
  }

  Value value(const CallNode& node) {
    using Special = FunctionSpec::Special;
    const FunctionSpec& function = *node.function;
    switch (function.special) {
      case Special::time: return number(static_cast<double>(at_ms_) / 1000);
      case Special::vector: return vector_of({{LabelSet(), of(*node.arguments[0]).scalar}});
      case Special::scalar: {
        const Value argument = of(*node.arguments[0]);
        return number(argument.vector.size() == 1 ? argument.vector[0].value : NAN);
      }
      case Special::absent: return absent(*node.arguments[0]);
      case Special::none: break;
    }
    scalars_.emplace_back();
    const std::size_t depth = scalars_.size() - 1;
    for (const ExpressionPtr& argument : node.arguments) {
      if (argument->type != ValueType::scalar) continue;
      const double scalar = of(*argument).scalar;
      scalars_[depth].push_back(scalar);
    }
    Value result;
    for (const ExpressionPtr& argument : node.arguments) {
      if (argument->type == ValueType::range) result = of_range(function, *argument, depth);
      if (argument->type == ValueType::vector) result = of_vector(function, *argument, depth);
    }
    scalars_.pop_back();
    return result;
  }

  Value of_vector(const FunctionSpec& function, const Expression& argument, std::size_t depth) {
    InstantVector out;
    for (InstantSample& sample : of(argument).vector) {
      const auto value = function.of_value(sample.value, scalars_[depth]);
      if (!value) continue;
      sample.labels.remove_name();
      out.push_back({std::move(sample.labels), *value});
    }
    return unique(std::move(out));
  }

  Value of_range(const FunctionSpec& function, const Expression& argument, std::size_t depth) {
    InstantVector out;
    const auto& selector = std::get<SelectorNode>(argument.node);
    const std::int64_t start = at_ms_ - selector.range_ms;
    for (RangeSeries& series : range_of(selector, start)) {
      const auto value = function.of_range({series.points, start, at_ms_}, scalars_[depth]);
      if (!value) continue;
      if (!function.keeps_name) series.labels.remove_name();
      out.push_back({std::move(series.labels), *value});
    }
    return unique(std::move(out));
  }

  std::vector<RangeSeries> range_of(const SelectorNode& selector, std::int64_t start) {
    std::vector<RangeSeries> found;
    source_.append_range(selector, start, at_ms_, {limits_.series + 1, limits_.points + 1}, found);
    count_series(found.size());
    for (const RangeSeries& series : found) points_ += series.points.size();
    if (points_ > limits_.points) fail("reads more than " + std::to_string(limits_.points) + " samples");
    return error_.empty() ? std::move(found) : std::vector<RangeSeries>();
  }

  // The labels that the selector names by `=` alone.
  Value absent(const Expression& argument) {
    const auto* selector = std::get_if<SelectorNode>(&argument.node);
    const bool is_range = argument.type == ValueType::range;
    const bool found =
        is_range ? !range_of(*selector, at_ms_ - selector->range_ms).empty() : !of(argument).vector.empty();
    if (found) return vector_of({});
    LabelSet labels;
    if (selector != nullptr) {
      for (const LabelMatcher& matcher : selector->matchers) {
        const auto same = [&](const LabelMatcher& other) { return other.label == matcher.label; };
        const bool is_only = std::ranges::count_if(selector->matchers, same) == 1;
        if (is_only && matcher.op == LabelMatcher::Op::equal) labels.set(matcher.label, matcher.value);
      }
      labels.remove_name();
    }
    return vector_of({{std::move(labels), 1}});
  }

  void count_series(std::size_t count) {
    series_ += count;
    if (series_ > limits_.series) fail("reads more than " + std::to_string(limits_.series) + " series");
  }

  // Without their names two series may have become one.
  Value unique(InstantVector vector) {
    std::vector<const LabelSet*> all;
    all.reserve(vector.size());
    for (const InstantSample& sample : vector) all.push_back(&sample.labels);
    std::ranges::sort(all, [](const LabelSet* a, const LabelSet* b) { return *a < *b; });
    const auto twice = std::ranges::adjacent_find(all, [](const LabelSet* a, const LabelSet* b) { return *a == *b; });
    if (twice != all.end()) fail("several series of a result have the labels " + (*twice)->text());
    return vector_of(std::move(vector));
  }

  const SampleSource& source_;
  std::int64_t at_ms_;
  const EvaluationLimits& limits_;
  std::size_t series_ = 0, points_ = 0, work_ = 0;
  std::vector<std::vector<double>> scalars_;  ///< of the calls that are under way
  std::string error_;
};

}  // namespace

std::expected<InstantVector, std::string> evaluate(const Expression& expression, const SampleSource& source,
                                                   std::int64_t at_ms, const EvaluationLimits& limits) {
  Evaluation evaluation(source, at_ms, limits);
  Value value = evaluation.of(expression);
  if (!evaluation.error().empty()) return std::unexpected(std::move(evaluation.error()));
  if (value.type == ValueType::scalar) return InstantVector{{LabelSet(), value.scalar}};
  return std::move(value.vector);
}

}  // namespace vitalsd::rules
