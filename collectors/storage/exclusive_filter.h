// The filter of an include and an exclude option of which the exclude one has a default: giving the include option
// takes the default's place, giving both is an error.
//   Filter devices = exclusive_filter(options, {"device_include", "device_exclude", kIgnored});
#pragma once

#include <string>
#include <string_view>

#include "collectors/kit/pattern.h"

namespace vitalsd {

struct ExclusiveOptions {
  std::string_view include, exclude, default_exclude;
};

inline Filter exclusive_filter(const Options& options, const ExclusiveOptions& names) {
  Filter filter = make_filter(options, names.include, names.exclude);
  if (!filter.include) return filter;
  if (const std::string& exclude = options.text(names.exclude); !exclude.empty() && exclude != names.default_exclude)
    throw OptionError(names.exclude, std::string(names.include) + " is given too: only one of them can be");
  filter.exclude = nullptr;
  return filter;
}

}  // namespace vitalsd
