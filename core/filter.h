// Which devices, fields or flags a collector reports: an include and an exclude pattern, like node_exporter's flags.
#pragma once

#include <functional>
#include <string_view>

namespace vitalsd {

struct Filter {
  using Matches = std::function<bool(std::string_view)>;
  Matches include;  ///< empty: everything
  Matches exclude;  ///< empty: nothing

  bool keeps(std::string_view name) const { return (!include || include(name)) && !(exclude && exclude(name)); }
};

}  // namespace vitalsd
