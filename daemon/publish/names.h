// Which metric names are taken, and by what: families that would make an exposition invalid together.
//   NameBook book; book.add("latency", Kind::histogram); book.in_the_way("latency_count", Kind::gauge) == "latency"
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/family.h"

namespace vitalsd {

/// Histograms and summaries also have the names that their samples go by: no other family may.
class NameBook {
 public:
  /// The first to say so has the name.
  void add(std::string_view family, Kind kind);
  /// The family that one of this name and kind cannot stand beside; empty: it can. The same name with the same kind is
  /// the same family.
  std::string_view in_the_way(std::string_view family, Kind kind) const;
  /// The family that samples of this name belong to; empty: none.
  std::string_view owner_of(std::string_view name) const;
  bool empty() const noexcept { return names_.empty(); }

 private:
  struct Taken {
    std::string family;
    Kind kind;
  };
  std::map<std::string, Taken, std::less<>> names_;
};

/// Calls `use` with each name that samples of the family go by.
template <class Use>
void for_each_sample_name(std::string_view family, Kind kind, Use use) {
  use(family);
  const bool histogram = kind == Kind::histogram;
  if (!histogram && kind != Kind::summary) return;
  std::string name;
  for (const std::string_view suffix : {"_sum", "_count", "_bucket"}) {
    if (suffix == "_bucket" && !histogram) continue;
    name.assign(family).append(suffix);
    use(std::string_view(name));
  }
}

}  // namespace vitalsd
