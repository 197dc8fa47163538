// A snapshot's families in the order of their names: what every encoder writes from.
//   arrangement.arrange(snapshot); for (const auto& part : arrangement.parts()) ...part.samples()...
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "core/block.h"

namespace vitalsd {

class Arrangement {
 public:
  /// The samples of a family in one block. A name that two blocks carry is two parts, one after the other: it comes out
  /// as one family, described by the first. Families of the program come before those that others made (a text file, a
  /// command, a push), and a series that an earlier part has is left out of a later one.
  struct Part {
    const Family* family;
    const Block* block;
    std::span<const Sample> kept;

    std::span<const Sample> samples() const noexcept { return kept; }
  };

  /// What two blocks both had.
  struct LeftOut {
    std::string family;  ///< the first such; empty: there is none
    std::size_t samples = 0;
  };

  /// Allocates nothing while the snapshots have the same families, each in one block.
  void arrange(const Snapshot& snapshot);
  const LeftOut& left_out() const noexcept { return left_out_; }

  /// Valid while the snapshot's blocks are.
  std::span<const Part> parts() const noexcept { return parts_; }
  /// Moves when the families are others than before.
  std::uint64_t shape() const noexcept { return shape_; }

 private:
  void drop_repeated(std::span<Part> twins);

  std::vector<Part> found_;  // in the order of the blocks
  std::vector<Part> parts_;  // in that of the names
  // Another family may have the address of one that has gone since, so that their texts count.
  struct Known {
    std::string name, help;
    Kind kind;
    bool is(const Family& f) const noexcept { return kind == f.kind && name == f.name && help == f.help; }
  };
  std::vector<Known> families_;
  std::vector<std::uint32_t> order_;
  std::uint64_t shape_ = 0;
  bool has_twins_ = false;                   // a name is in two blocks
  std::deque<std::vector<Sample>> thinned_;  // the samples of parts that lost some
  std::unordered_set<std::uint64_t> series_;
  LeftOut left_out_;
};

}  // namespace vitalsd
