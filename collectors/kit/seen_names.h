// Detects whether the entries of a directory have changed, so that what lies below is looked up only then.
//   if (seen_.changed(names)) discover(context);
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/files.h"

namespace vitalsd {

class SeenNames {
 public:
  /// Returns true at the first call, and when an entry was added, removed or replaced by another of the same name: a
  /// device that is probed again has a new inode.
  bool changed(const Names& names) {
    bool same = looked_ && seen_.size() == names.size();
    for (std::size_t i = 0; same && i < names.size(); ++i) {
      same = seen_[i].first == names[i] && seen_[i].second == names.inode(i);
    }
    if (same) return false;
    looked_ = true;
    seen_.clear();
    for (std::size_t i = 0; i < names.size(); ++i) seen_.emplace_back(names[i], names.inode(i));
    return true;
  }

 private:
  bool looked_ = false;
  std::vector<std::pair<std::string, std::uint64_t>> seen_;
};

}  // namespace vitalsd
