// The last minutes of what is published, at the resolution it was collected in: what reports, the page and rules read.
//   history.observe("cpu", block, now);
//   for (const SeriesView& view : history.select({.family = "node_load1"})) ... view.points(from, to)
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/block.h"
#include "daemon/history/arena.h"
#include "daemon/history/kept_families.h"
#include "daemon/history/points.h"
#include "daemon/history/selector.h"
#include "daemon/history/track.h"

namespace vitalsd {

struct HistorySettings {
  std::chrono::nanoseconds window{};  ///< how far back; 0: nothing is kept
  std::size_t most_bytes = 0;
  std::vector<std::string> families;  ///< besides those of the registrations; a `*` at the end stands for any ending
  bool operator==(const HistorySettings&) const = default;
};

/// One series, for reading. Valid until the history observes or forgets something.
class SeriesView {
 public:
  using Time = std::chrono::steady_clock::time_point;

  SeriesView(std::string_view collector, const Arena& arena, const Track& track, const Track::Series& series,
             Time began)
      : collector_(collector), arena_(&arena), track_(&track), series_(&series), began_(began) {}

  std::string_view collector() const noexcept { return collector_; }
  std::string_view family() const noexcept { return series_->family->name; }
  Kind kind() const noexcept { return series_->family->kind; }
  std::string_view labels() const noexcept { return series_->labels; }  ///< as a Block's label text

  Points points(Time from, Time to) const {
    return {*arena_, track_->times(), series_->values.head(), began_, from, to};
  }
  /// How many samples there are, or some more: what reading all of it would cost.
  std::size_t size() const noexcept;
  std::size_t chunks() const noexcept;

 private:
  std::string_view collector_;
  const Arena* arena_;
  const Track* track_;
  const Track::Series* series_;
  Time began_;
};

/// Lives on the loop, where blocks are published; who reads elsewhere takes copies there. Bounded in bytes and in time:
/// where room is missing the oldest goes, and a new series that finds none is left out. Once the series stay the same,
/// observing allocates nothing.
class History {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// Other settings begin a new history.
  void configure(const HistorySettings& settings);
  /// Takes what is kept of a published block. Times must not fall.
  void observe(std::string_view collector, const Block& block, Time at);
  /// The collector runs no more.
  void forget(std::string_view collector);

  /// The series that fit, by collector and in their order there; no more than `most`.
  std::vector<SeriesView> select(const SeriesSelector& selector, std::size_t most) const;
  /// Each collector's series, one after another.
  void each_series(const std::function<void(const SeriesView&)>& visit) const;
  /// The times of a collector's runs, as the samples of a series whose values mean nothing.
  Points runs(std::string_view collector, Time from, Time to) const;

  const HistorySettings& settings() const noexcept { return settings_; }
  std::size_t bytes() const noexcept { return arena_.in_use() * sizeof(Chunk) + series_bytes_; }
  std::size_t series() const noexcept;
  /// Samples of the last rounds that found no room, by their collectors.
  std::uint64_t left_out() const noexcept;

 private:
  struct Kept {
    Track track;
    std::uint64_t left_out = 0;  ///< of its last round
  };

  /// By the Part of a sample; null: such samples are not kept.
  using PartNotes = std::array<const KeptFamilies::Note*, 4>;
  PartNotes notes_of(const Family& family);
  bool begin_round(Kept& kept, Time at);
  bool put(Kept& kept, const KeptFamilies::Note& family, std::string_view labels, double value);
  /// A chunk for what needs these bytes besides, or Chunk::kNone.
  std::uint32_t take_chunk(std::size_t besides);
  bool has_room(std::size_t more) const noexcept { return bytes() + more <= settings_.most_bytes; }
  void make_room();
  HistoryTime time_of(Time at) const noexcept;

  HistorySettings settings_;
  KeptFamilies families_;
  Arena arena_;
  std::map<std::string, Kept, std::less<>> tracks_;
  std::size_t series_bytes_ = 0;
  Time began_{};
  HistoryTime now_ = 0;
  std::string part_name_;  ///< made anew for each, to allocate once
  bool is_full_ = false;   ///< in this round there was no more room to make
};

}  // namespace vitalsd
