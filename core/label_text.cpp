#include "core/label_text.h"

#include "core/block.h"

namespace vitalsd {

bool LabelReader::next() noexcept {
  constexpr std::string_view kBegin = "=\"";
  const std::size_t begin = rest_.find(kBegin);
  if (begin == std::string_view::npos) return false;
  std::size_t end = begin + kBegin.size();
  while (end < rest_.size() && rest_[end] != '"') end += rest_[end] == '\\' ? 2 : 1;
  if (end >= rest_.size()) return false;
  name_ = rest_.substr(0, begin);
  escaped_ = rest_.substr(begin + kBegin.size(), end - begin - kBegin.size());
  rest_.remove_prefix(end + 1);
  if (rest_.starts_with(',')) rest_.remove_prefix(1);
  return true;
}

void append_unescaped_label(std::string& out, std::string_view escaped) {
  for (std::size_t i = 0; i < escaped.size(); ++i) {
    const bool is_escape = escaped[i] == '\\' && i + 1 < escaped.size();
    if (is_escape) ++i;
    out += is_escape && escaped[i] == 'n' ? '\n' : escaped[i];
  }
}

std::string label_text_of(std::string_view name, std::string_view value) {
  std::string text(name);
  text += "=\"";
  append_escaped_label(text, value);
  return text += '"';
}

}  // namespace vitalsd
