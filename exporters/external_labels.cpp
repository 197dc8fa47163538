#include "exporters/external_labels.h"

#include <algorithm>

#include "core/label_text.h"

namespace vitalsd {
namespace {

bool has(std::string_view label_text, std::string_view start) {
  for (std::size_t at = label_text.find(start); at != std::string_view::npos; at = label_text.find(start, at + 1)) {
    if (at == 0 || label_text[at - 1] == ',') return true;
  }
  return false;
}

}  // namespace

ExternalLabels::ExternalLabels(std::string_view label_text) : text_(label_text) {
  for (LabelReader labels(text_); labels.next();) starts_.push_back(std::string(labels.name()) + "=\"");
}

bool ExternalLabels::collide_with(std::string_view label_text) const noexcept {
  return std::ranges::any_of(starts_, [&](const std::string& start) { return has(label_text, start); });
}

void ExternalLabels::beside(std::string_view label_text, std::string& out) const {
  out.clear();
  std::size_t index = 0;
  for (LabelReader labels(text_); labels.next(); ++index) {
    if (has(label_text, starts_[index])) continue;
    if (!out.empty()) out += ',';
    out.append(labels.name()).append("=\"").append(labels.escaped()).append("\"");
  }
}

}  // namespace vitalsd
