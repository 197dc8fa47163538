// Numbers and texts out of a JSON text (RFC 8259), found by JSON pointers (RFC 6901).
//   JsonNumbers numbers(text); if (numbers.ok()) value = numbers.at("/queues/0/length");
#pragma once

#include <memory>
#include <string_view>

#include "core/result.h"

namespace vitalsd {

/// Empty, or parts that each begin with '/', where '~' is followed by 0 or 1.
bool is_json_pointer(std::string_view text) noexcept;

/// A parsed text; one that nests deeper than 32 levels is malformed.
class JsonNumbers {
 public:
  explicit JsonNumbers(std::string_view text);
  ~JsonNumbers();

  bool ok() const noexcept;
  /// What a pointer points to: a number, true as 1, false as 0. Errors: unavailable (nothing there, or null),
  /// malformed (a text, a list or an object).
  Result<double> at(std::string_view pointer) const;
  /// What a pointer points to: a text, which lives as long as this. Errors: unavailable as above, malformed (anything
  /// else).
  Result<std::string_view> text_at(std::string_view pointer) const;

 private:
  struct Document;
  std::unique_ptr<Document> document_;
};

}  // namespace vitalsd
