// Regular expressions in Go's syntax (RE2), which match anywhere unless anchored, and the filters made of them.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/filter.h"
#include "core/options.h"

namespace vitalsd {

/// A compiled expression. It matches in linear time, so hostile patterns and texts cost no more than their length.
class Pattern {
 public:
  /// Throws OptionError(option) with RE2's message if `expression` is invalid.
  Pattern(std::string_view option, std::string_view expression);
  bool found_in(std::string_view text) const;
  /// As found_in(). Sets `groups` to the text of each parenthesis, or empty if it took no part; [0] is the whole match.
  bool match(std::string_view text, std::vector<std::string_view>& groups) const;
  /// The number and name of each named group, (?P<name>...).
  const std::map<int, std::string>& group_names() const;

 private:
  struct Impl;
  std::shared_ptr<const Impl> impl_;
};

/// A filter from an include and an exclude option. An empty option filters nothing.
Filter make_filter(const Options& options, std::string_view include_option, std::string_view exclude_option);

}  // namespace vitalsd
