#include "daemon/history/track.h"

#include <bit>
#include <functional>

namespace vitalsd {
namespace {

// What is forgotten goes by chunks of times: they are kept short, though many more rounds might find room in one.
constexpr std::uint16_t kMostRounds = 64;

std::size_t hash_of(std::string_view family, std::string_view labels) noexcept {
  constexpr std::hash<std::string_view> kHash;
  return kHash(family) * 31 + kHash(labels);
}

// The first value of a chunk stands in it as it is.
HistoryTime first_time(const Chunk& chunk) {
  ChunkReader reader(chunk);
  reader.next();
  return static_cast<HistoryTime>(reader.value());
}

}  // namespace

Track::Series* Track::find(std::string_view family, std::string_view labels) {
  const auto fits = [&](const Series& one) { return one.labels == labels && one.family->name == family; };
  if (cursor_ < series_.size() && fits(series_[cursor_])) return &series_[cursor_++];
  if (index_.empty()) return nullptr;
  const std::size_t hash = hash_of(family, labels), mask = index_.size() - 1;
  for (std::size_t slot = hash & mask; index_[slot] != 0; slot = (slot + 1) & mask) {
    Series& one = series_[index_[slot] - 1];
    if (one.hash != hash || !fits(one)) continue;
    cursor_ = index_[slot];
    return &one;
  }
  return nullptr;
}

Track::Series& Track::add(const KeptFamilies::Note& family, std::string_view labels) {
  series_.push_back(
      {&family, std::string(labels), ChunkList(family.kind == Kind::counter), hash_of(family.name, labels)});
  cursor_ = series_.size();
  if (series_.size() * 2 > index_.size()) {
    index_all();
  } else {
    put_in_index(series_.size() - 1);
  }
  return series_.back();
}

void Track::index_all() {
  index_.assign(std::bit_ceil(series_.size() * 4), 0);
  for (std::size_t i = 0; i < series_.size(); ++i) put_in_index(i);
}

void Track::put_in_index(std::size_t position) {
  const std::size_t mask = index_.size() - 1;
  std::size_t slot = series_[position].hash & mask;
  while (index_[slot] != 0) slot = (slot + 1) & mask;
  index_[slot] = static_cast<std::uint32_t>(position + 1);
}

bool Track::begin_round(Arena& arena, HistoryTime at, HistoryTime most) {
  cursor_ = 0;
  if (times_.empty()) return false;
  const Chunk& newest = arena[times_.tail()];
  if (newest.count >= kMostRounds || at - first_time(newest) >= most) return false;
  if (!times_.append(arena, rounds_, static_cast<double>(at))) return false;
  ++rounds_;
  return true;
}

void Track::begin_round_in(Arena& arena, std::uint32_t chunk, HistoryTime at) {
  times_.begin(arena, chunk, rounds_++, static_cast<double>(at));
}

HistoryTime Track::oldest(const Arena& arena, HistoryTime none) const {
  return times_.empty() ? none : first_time(arena[times_.head()]);
}

std::size_t Track::forget_before(Arena& arena, HistoryTime cut) {
  const std::uint32_t before = times_.head();
  // The head is wholly older than what the next chunk begins with.
  while (times_.head() != times_.tail() && first_time(arena[arena[times_.head()].next]) <= cut) {
    arena.give_back(times_.pop(arena));
  }
  return times_.head() == before ? 0 : drop_dead(arena, arena[times_.head()].first);
}

std::size_t Track::drop_dead(Arena& arena, std::uint32_t first) {
  std::size_t bytes = 0;
  const auto gone = std::erase_if(series_, [&](Series& one) {
    one.values.forget_before(arena, first);
    if (one.values.empty()) bytes += one.bytes();
    return one.values.empty();
  });
  if (gone != 0) index_all();
  cursor_ = 0;
  return bytes;
}

void Track::clear(Arena& arena) {
  times_.clear(arena);
  for (Series& one : series_) one.values.clear(arena);
  series_.clear();
  index_.clear();
  cursor_ = 0;
}

}  // namespace vitalsd
