// Finds the known word that a misspelled one was probably meant to be.
//   suggestion("intervall", {"interval", "timeout"})  ->  ", did you mean 'interval'?"
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace vitalsd::conf {

/// The number of insertions, deletions, substitutions and swaps of neighbours that turn one word into the other. '.',
/// '-' and '_' count as the same letter.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The nearest candidate (the first of several), or empty when none is near enough.
std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates);

/// ", did you mean 'X'?", or nothing.
std::string suggestion(std::string_view word, const std::vector<std::string_view>& candidates);

}  // namespace vitalsd::conf
