// A snapshot's families in the order of their names: what every encoder writes from.
//   arrangement.arrange(snapshot); for (const auto& part : arrangement.parts()) ...part.samples()...
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/block.h"

namespace vitalsd {

class Arrangement {
 public:
  /// The samples of a family in one block. A name that two blocks carry is two parts, one after the other: it comes out
  /// as one family, described by the first.
  struct Part {
    const Family* family;
    const Block* block;
    std::uint32_t group;

    std::span<const Sample> samples() const { return block->samples(block->groups()[group]); }
  };

  /// Allocates nothing while the snapshots have the same families.
  void arrange(const Snapshot& snapshot);

  /// Valid while the snapshot's blocks are.
  std::span<const Part> parts() const noexcept { return parts_; }
  /// Moves when the families are others than before.
  std::uint64_t shape() const noexcept { return shape_; }

 private:
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
};

}  // namespace vitalsd
