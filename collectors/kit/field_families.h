// Finds the family of each field of a kernel file whose names are not all known beforehand, and makes the unknown ones.
// The kernel's lines keep their order, so a warm lookup is one comparison and allocates nothing.
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

/// A field that a kernel is known to have.
struct KnownField {
  std::string_view name;  ///< as in the file
  Family family;
};

/// The families of a table, for the registration; the table is static.
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
    std::string_view help_before;  ///< HELP is this, the name without prefix, and a full stop
    Kind kind = Kind::gauge;
    /// Where that is not enough: adds the middle of HELP for the name without prefix, before the full stop.
    void (*add_help)(std::string& out, std::string_view word) = nullptr;
  };
  /// How many families may be made; further unknown fields are left out.
  static constexpr std::size_t kMostMade = 512;

  /// `known` is sorted by name and static. `wants` says which fields are reported at all; empty: every one.
  FieldFamilies(std::span<const KnownField> known, const Shape& shape,
                std::function<bool(std::string_view)> wants = {});

  /// The family of the field on this line of the file, or null when it is left out: not wanted, one too many, or its
  /// family was that of an earlier line. Call with lines in ascending order in each run.
  const Family* find(std::size_t line, const Field& field);

  /// The fields of a file, line by line.
  void publish(std::span<const Field> fields, Sink& sink);

  /// Owns the families that were made; blocks that use them keep it. It only grows, and what is in it stays as it is.
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
  std::vector<Line> lines_;  // what find() said of the file as it was last
};

}  // namespace vitalsd
