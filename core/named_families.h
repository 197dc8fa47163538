// Picks families by their names, while compiling.
//   constexpr auto kRemembered = families_named(kFamilies, {"node_load1", "node_load5"});
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "core/family.h"

namespace vitalsd {

/// In the order of the names. A name that none of the families has does not compile.
template <std::size_t N>
consteval std::array<const Family*, N> families_named(std::span<const Family* const> all,
                                                      const std::string_view (&names)[N]) {
  std::array<const Family*, N> named{};
  for (std::size_t i = 0; i < N; ++i) {
    bool found = false;  // the address of an inline variable is not compared with null while compiling, under UBSan
    for (const Family* family : all) {
      if (family->name != names[i]) continue;
      named[i] = family;
      found = true;
    }
    if (!found) throw "no family has this name";
  }
  return named;
}

}  // namespace vitalsd
