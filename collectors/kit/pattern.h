// Regular expressions in Go's syntax (RE2), unanchored unless they anchor themselves, and the filters made of them.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/filter.h"
#include "core/options.h"

namespace vitalsd {

/// A compiled expression; matches in linear time, so hostile patterns and texts cost no more than their length.
class Pattern {
 public:
  /// Throws OptionError(option) with RE2's own words when `expression` is not one.
  Pattern(std::string_view option, std::string_view expression);
  bool found_in(std::string_view text) const;
  /// As found_in; `groups` gets what each parenthesis took, empty where it took no part; [0] is the whole match.
  bool match(std::string_view text, std::vector<std::string_view>& groups) const;
  /// Number and name of the groups that have a name, (?P<name>...).
  const std::map<int, std::string>& group_names() const;

 private:
  struct Impl;
  std::shared_ptr<const Impl> impl_;
};

/// The filter of an include and an exclude option, where an empty option filters nothing.
Filter make_filter(const Options& options, std::string_view include_option, std::string_view exclude_option);

}  // namespace vitalsd
