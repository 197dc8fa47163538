// Finds the family of each field of a kernel file, and makes the families of fields that the table does not know. The
// kernel's lines keep their order, so a warm lookup is one comparison and allocates nothing.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/formats/fields.h"
#include "core/family.h"
#include "core/sink.h"

namespace vitalsd {

/// A field that kernels are known to have.
struct KnownField {
  std::string_view name;  ///< as in the file
  Family family;
};

/// The families of a static table, for the registration.
template <std::size_t count>
constexpr std::array<const Family*, count> families_of(const std::array<KnownField, count>& known) {
  std::array<const Family*, count> list{};
  std::ranges::transform(known, list.begin(), [](const KnownField& field) { return &field.family; });
  return list;
}

class FieldFamilies {
 public:
  struct Shape {
    std::string_view prefix;       ///< of the family's name: "node_memory_"
    std::string_view help_before;  ///< HELP is this text, the name without prefix, and a full stop
    Kind kind = Kind::gauge;
    /// If set, it appends the middle of HELP, before the full stop, instead of the name without prefix.
    void (*add_help)(std::string& out, std::string_view word) = nullptr;
  };
  /// The limit on made families; further unknown fields are left out.
  static constexpr std::size_t kMostMade = 512;

  /// `known` is static and sorted by name. `wants` selects the fields to report; empty: all of them.
  FieldFamilies(std::span<const KnownField> known, const Shape& shape,
                std::function<bool(std::string_view)> wants = {});

  /// The family of the field on this line of the file, or null if the field is left out because it is not wanted,
  /// exceeds kMostMade, or has the family of an earlier line. In each run call it with lines in ascending order.
  const Family* find(std::size_t line, const Field& field);

  /// Adds a sample for each field of a file, in the order of its lines.
  void publish(std::span<const Field> fields, Sink& sink);

  /// Owns the made families; blocks that use them keep it alive. It only grows, and its entries never change.
  std::shared_ptr<const void> owner() const { return made_; }

 private:
  struct Made {
    std::string name, help;
    Family family;
  };
  struct Line {
    std::string name;
    bool bytes;
    const Family* family;
  };
  const Family* resolve(const Field& field);
  const Family* make(const Field& field);

  std::span<const KnownField> known_;
  Shape shape_;
  std::function<bool(std::string_view)> wants_;
  std::shared_ptr<std::deque<Made>> made_ = std::make_shared<std::deque<Made>>();
  std::vector<Line> lines_;  // what find() returned for each line of the previous read
};

}  // namespace vitalsd
