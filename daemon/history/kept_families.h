// Which families a history keeps: those that collectors say are worth it, and those that the configuration names.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/family.h"

namespace vitalsd {

class KeptFamilies {
 public:
  static constexpr std::size_t kMost = 4096;

  struct Note {
    std::string name;
    Kind kind{};
  };

  /// `more` are names, or beginnings of names that end in `*`. Notes that were given out are gone.
  void configure(const std::vector<std::string>& more);
  /// Null when it is not kept. The note stays until configure(). Allocates only for one that was never seen.
  const Note* find(const Family& family);

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };
  bool is_wanted(std::string_view name) const;

  std::unordered_map<std::string, Note, Hash, std::equal_to<>> notes_;
  std::vector<std::string_view> remembered_;  ///< by the registrations, sorted
  std::vector<std::string> more_;
};

}  // namespace vitalsd
