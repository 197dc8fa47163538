#include "daemon/rules/language/expression.h"

#include "core/label_text.h"
#include "daemon/rules/language/label_set.h"

namespace vitalsd::rules {

bool LabelMatcher::fits(std::string_view text) const {
  switch (op) {
    case Op::equal: return text == value;
    case Op::unequal: return text != value;
    case Op::matches: return pattern->found_in(text);
    case Op::differs: return !pattern->found_in(text);
  }
  return false;
}

bool SelectorNode::fits(std::string_view series_name, std::string_view label_text) const {
  if (!name.empty() && series_name != name) return false;
  std::string unescaped;
  for (const LabelMatcher& matcher : matchers) {
    std::string_view value = matcher.label == kNameLabel ? series_name : std::string_view();
    for (LabelReader labels(label_text); labels.next();) {
      if (labels.name() != matcher.label) continue;
      value = labels.escaped();
      if (value.find('\\') != value.npos) {
        unescaped.clear();
        append_unescaped_label(unescaped, value);
        value = unescaped;
      }
      break;
    }
    if (!matcher.fits(value)) return false;
  }
  return true;
}

void each_selector(const Expression& expression, const std::function<void(const SelectorNode&)>& visit) {
  if (const auto* selector = std::get_if<SelectorNode>(&expression.node)) {
    visit(*selector);
  } else if (const auto* call = std::get_if<CallNode>(&expression.node)) {
    for (const ExpressionPtr& argument : call->arguments) each_selector(*argument, visit);
  } else if (const auto* aggregate = std::get_if<AggregateNode>(&expression.node)) {
    if (aggregate->parameter) each_selector(*aggregate->parameter, visit);
    each_selector(*aggregate->of, visit);
  } else if (const auto* binary = std::get_if<BinaryNode>(&expression.node)) {
    each_selector(*binary->left, visit);
    each_selector(*binary->right, visit);
  } else if (const auto* negate = std::get_if<NegateNode>(&expression.node)) {
    each_selector(*negate->of, visit);
  }
}

}  // namespace vitalsd::rules
