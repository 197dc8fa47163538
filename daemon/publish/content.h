// What was pushed for one group: an exposition, checked whole, and how a further one is merged into it.
//   auto content = parse_content(text, 1000); if (!content) return answer(content.error().status,
//   content.error().text);
#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/formats/exposition.h"

namespace vitalsd {

/// Why a push is refused, for its client.
struct PushRefusal {
  unsigned status;   ///< 400, 413, 500, 503 or 507
  std::string text;  ///< one line
};

/// Views in `read` are of `text` and of itself: it is never copied.
struct Content {
  std::string text;
  Exposition read;
};
using ContentPtr = std::shared_ptr<const Content>;

/// Errors: 400 (with line and column; also for a timestamp, a NUL and what is not UTF-8) and 413 (too many series).
std::expected<ContentPtr, PushRefusal> parse_content(std::string text, std::size_t most_series);

/// `fresh`, and those families of `old` that it does not have.
std::expected<ContentPtr, PushRefusal> merge_content(const Content& old, const Content& fresh, std::size_t most_series);

/// Whether a family is one that was pushed: those without samples count for nothing, and the times of pushes are ours.
std::vector<bool> families_in_use(const Exposition& read);

}  // namespace vitalsd
