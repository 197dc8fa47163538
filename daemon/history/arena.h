// The memory of a history: chunks in slabs that are allocated as they are first needed, and reused for ever after.
//   const std::uint32_t chunk = arena.take(); arena[chunk].next = Chunk::kNone; arena.give_back(chunk);
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "daemon/history/chunk.h"

namespace vitalsd {

class Arena {
 public:
  /// Chunks are at the same address for as long as the arena lives.
  Chunk& operator[](std::uint32_t index) noexcept { return (*slabs_[index / kSlab])[index % kSlab]; }
  const Chunk& operator[](std::uint32_t index) const noexcept { return (*slabs_[index / kSlab])[index % kSlab]; }

  /// One whose content means nothing; allocates only where none was given back.
  std::uint32_t take() {
    ++in_use_;
    if (free_ == Chunk::kNone) add_slab();
    const std::uint32_t index = free_;
    free_ = (*this)[index].next;
    return index;
  }
  void give_back(std::uint32_t index) noexcept {
    --in_use_;
    (*this)[index].next = free_;
    free_ = index;
  }
  std::size_t in_use() const noexcept { return in_use_; }

 private:
  static constexpr std::uint32_t kSlab = 128;  // 16 KiB

  void add_slab() {
    const auto first = static_cast<std::uint32_t>(slabs_.size()) * kSlab;
    slabs_.push_back(std::make_unique<std::array<Chunk, kSlab>>());
    for (std::uint32_t i = kSlab; i-- > 0; free_ = first + i) (*this)[first + i].next = free_;
  }

  std::vector<std::unique_ptr<std::array<Chunk, kSlab>>> slabs_;
  std::uint32_t free_ = Chunk::kNone;
  std::size_t in_use_ = 0;
};

}  // namespace vitalsd
