#include "daemon/rules/language/operators.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <set>

namespace vitalsd::rules {
namespace {

using Card = LabelMatching::Card;

LabelSet signature_of(const LabelMatching& matching, LabelSet labels) {
  if (matching.on) {
    labels.keep(matching.labels);
  } else {
    labels.remove(matching.labels);
    labels.remove_name();
  }
  return labels;
}

VectorResult select_by_set(const BinaryNode& node, InstantVector left, InstantVector right) {
  const InstantVector& looked_up = node.op == BinaryOp::lor ? left : right;
  InstantVector& filtered = node.op == BinaryOp::lor ? right : left;
  std::set<LabelSet> signatures;
  for (const InstantSample& sample : looked_up) signatures.insert(signature_of(node.matching, sample.labels));
  const bool keep_known = node.op == BinaryOp::land;
  std::erase_if(filtered, [&](const InstantSample& sample) {
    return signatures.contains(signature_of(node.matching, sample.labels)) != keep_known;
  });
  if (node.op == BinaryOp::lor) std::ranges::move(filtered, std::back_inserter(left));
  return left;
}

LabelSet result_labels(const BinaryNode& node, const InstantSample& many, const InstantSample& one) {
  LabelSet labels = many.labels;
  if (!is_comparison(node.op) || node.returns_bool) labels.remove_name();
  if (node.matching.card == Card::one_to_one) {
    if (node.matching.on) {
      labels.keep(node.matching.labels);
    } else {
      labels.remove(node.matching.labels);
    }
  }
  for (const std::string& name : node.matching.include) labels.set(name, one.labels.get(name));
  return labels;
}

}  // namespace

std::optional<double> apply(BinaryOp op, double left, double right) {
  const auto where = [left](bool holds) { return holds ? std::optional(left) : std::nullopt; };
  switch (op) {
    case BinaryOp::add: return left + right;
    case BinaryOp::sub: return left - right;
    case BinaryOp::mul: return left * right;
    case BinaryOp::div: return left / right;
    case BinaryOp::mod: return std::fmod(left, right);
    case BinaryOp::pow: return std::pow(left, right);
    case BinaryOp::atan2: return std::atan2(left, right);
    case BinaryOp::eq: return where(left == right);
    case BinaryOp::ne: return where(left != right);
    case BinaryOp::gt: return where(left > right);
    case BinaryOp::lt: return where(left < right);
    case BinaryOp::ge: return where(left >= right);
    case BinaryOp::le: return where(left <= right);
    default: return {};
  }
}

VectorResult combine(const BinaryNode& node, InstantVector left, InstantVector right) {
  if (is_set_operator(node.op)) return select_by_set(node, std::move(left), std::move(right));
  const bool swapped = node.matching.card == Card::one_to_many;
  InstantVector& many_side = swapped ? right : left;
  const InstantVector& one_side = swapped ? left : right;
  std::map<LabelSet, const InstantSample*> ones;
  for (const InstantSample& sample : one_side) {
    LabelSet signature = signature_of(node.matching, sample.labels);
    const auto [found, added] = ones.emplace(std::move(signature), &sample);
    if (added) continue;
    return std::unexpected("many-to-many matching: " + found->second->labels.text() + " and " + sample.labels.text() +
                           " on the " + (swapped ? "left" : "right") + " side both match " + found->first.text());
  }
  InstantVector out;
  std::set<LabelSet> seen;
  for (const InstantSample& many : many_side) {
    LabelSet signature = signature_of(node.matching, many.labels);
    const auto found = ones.find(signature);
    if (found == ones.end()) continue;
    const InstantSample& one = *found->second;
    auto value = swapped ? apply(node.op, one.value, many.value) : apply(node.op, many.value, one.value);
    if (node.returns_bool) value = value ? 1 : 0;
    if (!value) continue;
    LabelSet labels = result_labels(node, many, one);
    const bool is_single = node.matching.card == Card::one_to_one;
    if (!seen.insert(is_single ? std::move(signature) : labels).second) {
      return std::unexpected(is_single ? "several series on the left side match " + found->first.text() +
                                             ": many-to-one matching needs group_left or group_right"
                                       : "several results have the labels " + labels.text() +
                                             ": the labels of the matching must make each unique");
    }
    out.push_back({std::move(labels), *value});
  }
  return out;
}

InstantVector combine(const BinaryNode& node, InstantVector vector, double scalar, bool scalar_left) {
  InstantVector out;
  out.reserve(vector.size());
  for (InstantSample& sample : vector) {
    auto value = scalar_left ? apply(node.op, scalar, sample.value) : apply(node.op, sample.value, scalar);
    if (node.returns_bool) {
      value = value ? 1 : 0;
    } else if (value && is_comparison(node.op)) {
      value = sample.value;  // also where it stands on the right side
    }
    if (!value) continue;
    if (!is_comparison(node.op) || node.returns_bool) sample.labels.remove_name();
    out.push_back({std::move(sample.labels), *value});
  }
  return out;
}

}  // namespace vitalsd::rules
