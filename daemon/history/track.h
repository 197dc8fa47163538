// The series of one collector: their values by round, and when each round was.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/history/arena.h"
#include "daemon/history/chunk_list.h"
#include "daemon/history/kept_families.h"

namespace vitalsd {

/// Milliseconds since the history began: what the times of rounds are kept in.
using HistoryTime = std::int64_t;

class Track {
 public:
  struct Series {
    const KeptFamilies::Note* family;
    std::string labels;
    ChunkList values;
    std::size_t hash = 0;

    /// What it takes beside its chunks, and what one of these labels would.
    std::size_t bytes() const noexcept { return bytes_with(labels); }
    static std::size_t bytes_with(std::string_view labels) noexcept {
      return sizeof(Series) + labels.size() + kIndexBytes;
    }
  };

  /// Finds the series, in the order of the last round fastest; null: there is none. Allocates nothing.
  Series* find(std::string_view family, std::string_view labels);
  Series& add(const KeptFamilies::Note& family, std::string_view labels);

  /// The next round begins a new chunk of times when the newest one is as long as `most`.
  bool begin_round(Arena& arena, HistoryTime at, HistoryTime most);
  void begin_round_in(Arena& arena, std::uint32_t chunk, HistoryTime at);
  std::uint32_t round() const noexcept { return rounds_ - 1; }

  /// When the oldest round was that is known; `none` without one.
  HistoryTime oldest(const Arena& arena, HistoryTime none) const;
  /// Forgets rounds before `cut`, by whole chunks of times, and what has values of no other. Returns the bytes of the
  /// series that are gone.
  std::size_t forget_before(Arena& arena, HistoryTime cut);
  void clear(Arena& arena);

  const std::vector<Series>& series() const noexcept { return series_; }
  std::uint32_t times() const noexcept { return times_.head(); }

 private:
  static constexpr std::size_t kIndexBytes = 8;

  std::size_t drop_dead(Arena& arena, std::uint32_t first);
  void index_all();
  void put_in_index(std::size_t position);

  std::vector<Series> series_;
  std::vector<std::uint32_t> index_;  ///< open addressing by hash: position + 1
  std::size_t cursor_ = 0;
  ChunkList times_{true};
  std::uint32_t rounds_ = 0;
};

}  // namespace vitalsd
