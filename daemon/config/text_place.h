// Where a byte of a YAML scalar stands in its file, and the line that shows it.
//   const TextPlace at = place_of(file_text, {node.line, node.column}, node.text, 12); excerpt_of(file_text, at)
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace vitalsd::conf {

/// Both from 1; columns are bytes.
struct TextPlace {
  int line = 1;
  int column = 1;
};

/// `scalar` begins at `begin` in `file`, plain, in quotes or as a block. Where escapes hide the byte, it is `begin`.
TextPlace place_of(std::string_view file, TextPlace begin, std::string_view scalar, std::size_t offset);

/// The line and, below it, a caret, both indented. Empty where the line cannot be shown as it is.
std::string excerpt_of(std::string_view file, TextPlace place);

}  // namespace vitalsd::conf
