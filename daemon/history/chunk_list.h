// The chunks of one series, oldest first, and their reader.
//   list.append(arena, chunk_or_none, round, value); for (ListReader reader(arena, list.head()); reader.next();) ...
#pragma once

#include <cstdint>
#include <optional>

#include "daemon/history/arena.h"
#include "daemon/history/chunk.h"

namespace vitalsd {

/// Owns chunks of an arena, and must be cleared before it goes.
class ChunkList {
 public:
  explicit ChunkList(bool steady) : writer_(steady) {}

  bool empty() const noexcept { return head_ == Chunk::kNone; }
  std::uint32_t head() const noexcept { return head_; }
  std::uint32_t tail() const noexcept { return tail_; }

  /// Writes into the newest chunk; false when it has no room.
  bool append(Arena& arena, std::uint32_t round, double value) {
    return !empty() && writer_.append(arena[tail_], round, value);
  }
  /// Goes on in this chunk, which was taken from the arena.
  void begin(Arena& arena, std::uint32_t chunk, std::uint32_t round, double value) {
    writer_.begin(arena[chunk], round, value);
    if (empty()) {
      head_ = chunk;
    } else {
      arena[tail_].next = chunk;
    }
    tail_ = chunk;
  }
  /// The oldest chunk, which is the list's no more; it is not the arena's either.
  std::uint32_t pop(Arena& arena) noexcept {
    const std::uint32_t popped = head_;
    head_ = arena[popped].next;
    if (head_ == Chunk::kNone) tail_ = Chunk::kNone;
    return popped;
  }
  /// Gives back the chunks that hold nothing of `round` or later.
  void forget_before(Arena& arena, std::uint32_t round) noexcept {
    while (!empty() && arena[head_].last < round) arena.give_back(pop(arena));
  }
  void clear(Arena& arena) noexcept {
    while (!empty()) arena.give_back(pop(arena));
  }

 private:
  std::uint32_t head_ = Chunk::kNone;
  std::uint32_t tail_ = Chunk::kNone;
  ChunkWriter writer_;
};

/// Valid until anything is appended.
class ListReader {
 public:
  ListReader(const Arena& arena, std::uint32_t head) : arena_(&arena), next_(head) {}

  bool next() {
    while (!chunk_ || !chunk_->next()) {
      if (next_ == Chunk::kNone) return false;
      chunk_.emplace((*arena_)[next_]);
      next_ = (*arena_)[next_].next;
    }
    return true;
  }
  /// Before the first next(): leaves out whole chunks that hold nothing of `round` or later.
  void skip_to(std::uint32_t round) noexcept {
    while (next_ != Chunk::kNone && (*arena_)[next_].last < round) next_ = (*arena_)[next_].next;
  }
  std::uint32_t round() const noexcept { return chunk_->round(); }
  double value() const noexcept { return chunk_->value(); }

 private:
  const Arena* arena_;
  std::uint32_t next_;
  std::optional<ChunkReader> chunk_;
};

}  // namespace vitalsd
