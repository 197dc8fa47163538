// Operators between numbers and between instant vectors, and aggregations.
#pragma once

#include <expected>
#include <optional>
#include <string>

#include "daemon/rules/language/evaluate.h"

namespace vitalsd::rules {

/// Of a comparison: the left side where it holds, nothing where it does not. Of the set operators: nothing.
std::optional<double> apply(BinaryOp op, double left, double right);

using VectorResult = std::expected<InstantVector, std::string>;

VectorResult combine(const BinaryNode& node, InstantVector left, InstantVector right);
/// `scalar_left`: the scalar stands on the left side.
InstantVector combine(const BinaryNode& node, InstantVector vector, double scalar, bool scalar_left);

/// `parameter` is that of quantile, topk and bottomk.
InstantVector aggregate(const AggregateNode& node, InstantVector vector, double parameter);

}  // namespace vitalsd::rules
