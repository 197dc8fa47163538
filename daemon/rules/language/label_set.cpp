#include "daemon/rules/language/label_set.h"

#include <algorithm>

#include "core/label_text.h"

namespace vitalsd::rules {
namespace {

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

}  // namespace

LabelSet::LabelSet(std::string_view name, std::string_view label_text) {
  if (!name.empty()) pairs_.emplace_back(kNameLabel, name);
  for (LabelReader labels(label_text); labels.next();) {
    if (labels.escaped().empty()) continue;
    std::string value;
    append_unescaped_label(value, labels.escaped());
    pairs_.emplace_back(labels.name(), std::move(value));
  }
  // Of a label that is given twice the first one holds.
  std::ranges::stable_sort(pairs_, {}, &Pair::first);
  const auto twice = std::ranges::unique(pairs_, {}, &Pair::first);
  pairs_.erase(twice.begin(), twice.end());
}

std::string_view LabelSet::get(std::string_view name) const noexcept {
  const auto found = std::ranges::lower_bound(pairs_, name, {}, &Pair::first);
  return found != pairs_.end() && found->first == name ? std::string_view(found->second) : std::string_view();
}

void LabelSet::set(std::string_view name, std::string_view value) {
  if (value.empty()) return remove(name);
  const auto found = std::ranges::lower_bound(pairs_, name, {}, &Pair::first);
  if (found != pairs_.end() && found->first == name) {
    found->second = value;
  } else {
    pairs_.emplace(found, name, value);
  }
}

void LabelSet::remove(std::string_view name) {
  std::erase_if(pairs_, [name](const Pair& pair) { return pair.first == name; });
}

void LabelSet::keep(const std::vector<std::string>& names) {
  std::erase_if(pairs_, [&](const Pair& pair) { return !contains(names, pair.first); });
}

void LabelSet::remove(const std::vector<std::string>& names) {
  std::erase_if(pairs_, [&](const Pair& pair) { return contains(names, pair.first); });
}

std::string LabelSet::text() const { return std::string(get(kNameLabel)) + "{" + block_text(kNameLabel) + "}"; }

std::string LabelSet::block_text(std::string_view skip) const {
  std::string out;
  for (const auto& [name, value] : pairs_) {
    if (name == skip) continue;
    if (!out.empty()) out += ',';
    out += label_text_of(name, value);
  }
  return out;
}

}  // namespace vitalsd::rules
