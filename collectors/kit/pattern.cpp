#include "collectors/kit/pattern.h"

#include <re2/re2.h>

namespace vitalsd {

struct Pattern::Impl {
  re2::RE2 regex;
};

Pattern::Pattern(std::string_view option, std::string_view expression) {
  re2::RE2::Options quiet;
  quiet.set_log_errors(false);
  quiet.set_max_mem(1 << 20);
  impl_ = std::shared_ptr<const Impl>(new Impl{re2::RE2({expression.data(), expression.size()}, quiet)});
  if (!impl_->regex.ok()) throw OptionError(option, "not a regular expression: " + impl_->regex.error());
}

bool Pattern::found_in(std::string_view text) const {
  return re2::RE2::PartialMatch({text.data(), text.size()}, impl_->regex);
}

bool Pattern::match(std::string_view text, std::vector<std::string_view>& groups) const {
  std::vector<re2::StringPiece> pieces(static_cast<std::size_t>(impl_->regex.NumberOfCapturingGroups()) + 1);
  const re2::StringPiece whole(text.data(), text.size());
  if (!impl_->regex.Match(whole, 0, whole.size(), re2::RE2::UNANCHORED, pieces.data(),
                          static_cast<int>(pieces.size()))) {
    return false;
  }
  groups.clear();
  for (const re2::StringPiece& piece : pieces) groups.emplace_back(piece.data(), piece.size());
  return true;
}

const std::map<int, std::string>& Pattern::group_names() const { return impl_->regex.CapturingGroupNames(); }

Filter make_filter(const Options& options, std::string_view include_option, std::string_view exclude_option) {
  const auto matcher = [&options](std::string_view option) -> Filter::Matches {
    if (option.empty() || options.text(option).empty()) return {};
    return [pattern = Pattern(option, options.text(option))](std::string_view text) { return pattern.found_in(text); };
  };
  return {.include = matcher(include_option), .exclude = matcher(exclude_option)};
}

}  // namespace vitalsd
