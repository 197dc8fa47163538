#include "daemon/history/history.h"

#include <algorithm>
#include <iterator>
#include <numeric>

namespace vitalsd {
namespace {

// So many chunks of times are in a window: what is forgotten goes in parts of this size.
constexpr std::int64_t kParts = 8;

// Of its series beside their chunks.
std::size_t bytes_of(const Track& track) {
  std::size_t bytes = 0;
  for (const Track::Series& one : track.series()) bytes += one.bytes();
  return bytes;
}

}  // namespace

std::size_t SeriesView::size() const noexcept {
  std::size_t size = 0;
  for (std::uint32_t chunk = series_->values.head(); chunk != Chunk::kNone; chunk = (*arena_)[chunk].next) {
    size += (*arena_)[chunk].count;
  }
  return size;
}

std::size_t SeriesView::chunks() const noexcept {
  std::size_t count = 0;
  for (std::uint32_t chunk = series_->values.head(); chunk != Chunk::kNone; chunk = (*arena_)[chunk].next) ++count;
  return count;
}

void History::configure(const HistorySettings& settings) {
  if (settings == settings_ && began_ != Time{}) return;
  settings_ = settings;
  tracks_.clear();
  arena_ = {};
  series_bytes_ = 0;
  began_ = Time{};
  families_.configure(settings.families);
}

void History::forget(std::string_view collector) {
  const auto found = tracks_.find(collector);
  if (found == tracks_.end()) return;
  series_bytes_ -= bytes_of(found->second.track);
  found->second.track.clear(arena_);
  tracks_.erase(found);
}

HistoryTime History::time_of(Time at) const noexcept {
  return std::chrono::duration_cast<std::chrono::milliseconds>(at - began_).count();
}

void History::observe(std::string_view collector, const Block& block, Time at) {
  if (settings_.window <= std::chrono::nanoseconds(0)) return;
  if (began_ == Time{}) began_ = at;
  now_ = std::max(now_, time_of(at));
  is_full_ = false;
  Kept* kept = nullptr;  // until there is something to remember
  for (const Block::Group& group : block.groups()) {
    const PartNotes notes = notes_of(*group.family);
    if (std::ranges::count(notes, nullptr) == std::ssize(notes)) continue;
    for (const Sample& sample : block.samples(group)) {
      const auto part = static_cast<std::size_t>(sample.part);
      const KeptFamilies::Note* family = part < notes.size() ? notes[part] : nullptr;
      if (family == nullptr) continue;
      if (kept == nullptr) {
        auto found = tracks_.find(collector);
        if (found == tracks_.end()) found = tracks_.emplace(collector, Kept{}).first;
        kept = &found->second;
        if (!begin_round(*kept, at)) return;
      }
      kept->left_out += put(*kept, *family, block.label_text(sample.labels), sample.value) ? 0 : 1;
    }
  }
}

// The series of histograms and summaries are kept under their own names, and only if these are named.
History::PartNotes History::notes_of(const Family& family) {
  constexpr std::array<std::string_view, std::tuple_size_v<PartNotes>> kEndings = {"", "_bucket", "_sum", "_count"};
  PartNotes notes{families_.find(family)};
  if (family.kind != Kind::histogram && family.kind != Kind::summary) return notes;
  for (std::size_t part = 1; part < notes.size(); ++part) {
    part_name_ = family.name;
    part_name_ += kEndings[part];
    notes[part] = families_.find({part_name_, Kind::counter, {}});
  }
  return notes;
}

bool History::begin_round(Kept& kept, Time at) {
  const auto window = std::chrono::duration_cast<std::chrono::milliseconds>(settings_.window).count();
  series_bytes_ -= kept.track.forget_before(arena_, now_ - window);
  kept.left_out = 0;
  if (kept.track.begin_round(arena_, time_of(at), window / kParts)) return true;
  std::uint32_t chunk = take_chunk(0);
  if (chunk == Chunk::kNone) {  // a few rounds take all there is: better the last of them than the first
    series_bytes_ -= bytes_of(kept.track);
    kept.track.clear(arena_);
    chunk = take_chunk(0);
  }
  if (chunk == Chunk::kNone) return false;
  kept.track.begin_round_in(arena_, chunk, time_of(at));
  return true;
}

bool History::put(Kept& kept, const KeptFamilies::Note& family, std::string_view labels, double value) {
  Track& track = kept.track;
  const std::uint32_t round = track.round();
  Track::Series* series = track.find(family.name, labels);
  if (series != nullptr) {
    if (series->values.append(arena_, round, value)) return true;
    if (arena_[series->values.tail()].last == round) return true;  // twice in one block: the first one holds
  }
  std::uint32_t chunk = take_chunk(series == nullptr ? Track::Series::bytes_with(labels) : 0);
  if (series != nullptr) series = track.find(family.name, labels);  // room may have been made at its cost
  if (chunk == Chunk::kNone) {
    if (series == nullptr || series->values.head() == series->values.tail()) return false;
    chunk = series->values.pop(arena_);
  }
  if (series == nullptr) {
    series = &track.add(family, labels);
    series_bytes_ += series->bytes();
  }
  series->values.begin(arena_, chunk, round, value);
  return true;
}

std::uint32_t History::take_chunk(std::size_t besides) {
  const std::size_t needed = sizeof(Chunk) + besides;
  if (!has_room(needed) && !is_full_) make_room();
  is_full_ = !has_room(needed);
  return is_full_ ? Chunk::kNone : arena_.take();
}

// The oldest of all collectors goes, an eighth of what there is at a time.
void History::make_room() {
  HistoryTime oldest = now_;
  for (const auto& [name, kept] : tracks_) oldest = std::min(oldest, kept.track.oldest(arena_, now_));
  const std::size_t wanted = settings_.most_bytes - settings_.most_bytes / kParts;
  for (std::int64_t part = 1; part <= kParts && bytes() > wanted; ++part) {
    const HistoryTime cut = oldest + (now_ - oldest) * part / kParts;
    for (auto& [name, kept] : tracks_) series_bytes_ -= kept.track.forget_before(arena_, cut);
  }
}

std::vector<SeriesView> History::select(const SeriesSelector& selector, std::size_t most) const {
  std::vector<SeriesView> found;
  for (const auto& [collector, kept] : tracks_) {
    for (const Track::Series& one : kept.track.series()) {
      if (found.size() == most) return found;
      if (!selector.fits(one.family->name, one.labels)) continue;
      found.emplace_back(collector, arena_, kept.track, one, began_);
    }
  }
  return found;
}

void History::each_series(const std::function<void(const SeriesView&)>& visit) const {
  for (const auto& [collector, kept] : tracks_) {
    for (const Track::Series& one : kept.track.series()) visit({collector, arena_, kept.track, one, began_});
  }
}

Points History::runs(std::string_view collector, Time from, Time to) const {
  const auto found = tracks_.find(collector);
  const std::uint32_t times = found == tracks_.end() ? Chunk::kNone : found->second.track.times();
  return {arena_, times, times, began_, from, to};
}

std::size_t History::series() const noexcept {
  std::size_t count = 0;
  for (const auto& [name, kept] : tracks_) count += kept.track.series().size();
  return count;
}

std::uint64_t History::left_out() const noexcept {
  std::uint64_t sum = 0;
  for (const auto& [name, kept] : tracks_) sum += kept.left_out;
  return sum;
}

}  // namespace vitalsd
