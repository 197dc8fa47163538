// Which sizes of huge pages this machine has pages of (sysfs, kernel/mm/hugepages), as the files of cgroups name them.
//   sizes.round(context); for (const std::string& size : sizes.names()) ... "hugetlb." + size + ".current"
#pragma once

#include <string>
#include <vector>

#include "core/collector.h"

namespace vitalsd {

class HugePageSizes {
 public:
  /// A size of which there are no pages is left out: no cgroup can use any, and its files need not be read.
  void round(CollectContext& context);
  /// "2MB", "1GB".
  const std::vector<std::string>& names() const noexcept { return names_; }

 private:
  struct Size {
    std::string pages, name;  ///< the file that tells how many there are
  };
  bool listed_ = false;
  std::vector<Size> all_;
  std::vector<std::string> names_;
};

}  // namespace vitalsd
