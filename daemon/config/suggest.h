// The known word nearest to a misspelled one.
//   suggestion("intervall", {"interval", "timeout"})  ->  ", did you mean 'interval'?"
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace vitalsd::conf {

/// Insertions, deletions, substitutions and swaps of neighbours between two words; '.', '-' and '_' count as one
/// letter.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The first of the nearest candidates, or empty when none is near enough to be meant.
std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates);

/// ", did you mean 'X'?", or nothing.
std::string suggestion(std::string_view word, const std::vector<std::string_view>& candidates);

}  // namespace vitalsd::conf
