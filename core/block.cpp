#include "core/block.h"

#include <algorithm>

#include "core/utf8.h"

namespace vitalsd {
namespace {

std::size_t hash_of(const Family* family) noexcept {
  return (reinterpret_cast<std::uintptr_t>(family) >> 4) * 0x9E3779B97F4A7C15ULL >> 32;
}

}  // namespace

void append_escaped_label(std::string& out, std::string_view value) {
  append_valid_utf8(out, value, [](std::string& to, char c) {
    switch (c) {
      case '\\': to += "\\\\"; break;
      case '"': to += "\\\""; break;
      case '\n': to += "\\n"; break;
      default: to += c;
    }
  });
}

Block::Block() : table_(64, 0) { clear(); }

void Block::clear() noexcept {
  text_.clear();
  labels_.assign(1, Extent{0, 0});
  samples_.clear();
  groups_.clear();
  std::ranges::fill(table_, 0);
  last_ = 0;
  ordered_ = true;
  owner_.reset();
}

LabelId Block::add_labels(std::span<const std::string_view> names, std::span<const std::string_view> values) {
  const std::size_t count = std::min(names.size(), values.size());
  if (count == 0) return kNoLabels;
  const auto offset = static_cast<std::uint32_t>(text_.size());
  for (std::size_t i = 0; i < count; ++i) {
    if (i != 0) text_ += ',';
    text_ += names[i];
    text_ += "=\"";
    append_escaped_label(text_, values[i]);
    text_ += '"';
  }
  labels_.push_back({offset, static_cast<std::uint32_t>(text_.size()) - offset});
  return LabelId{static_cast<std::uint32_t>(labels_.size() - 1)};
}

std::string_view Block::label_text(LabelId id) const noexcept {
  const Extent& extent = labels_[static_cast<std::size_t>(id)];
  return std::string_view(text_).substr(extent.offset, extent.size);
}

void Block::append(const Family& family, LabelId labels, double value, Part part) {
  const std::uint32_t index = index_of(family);
  if (!samples_.empty() && index < samples_.back().family) ordered_ = false;
  samples_.push_back({value, index, labels, part});
}

// Collectors walk their tables in order for each entity, so the last family or the one after it is nearly always right.
std::uint32_t Block::index_of(const Family& family) {
  const auto count = static_cast<std::uint32_t>(groups_.size());
  for (const std::uint32_t guess : {last_, last_ + 1}) {
    if (guess < count && groups_[guess].family == &family) return last_ = guess;
  }
  if ((groups_.size() + 1) * 2 > table_.size()) grow_table();
  const std::size_t mask = table_.size() - 1;
  std::size_t slot = hash_of(&family) & mask;
  while (table_[slot] != 0) {
    if (groups_[table_[slot] - 1].family == &family) return last_ = table_[slot] - 1;
    slot = (slot + 1) & mask;
  }
  groups_.push_back({&family, 0, 0});
  table_[slot] = count + 1;
  return last_ = count;
}

void Block::grow_table() {
  table_.assign(table_.size() * 2, 0);
  const std::size_t mask = table_.size() - 1;
  for (std::uint32_t i = 0; i < groups_.size(); ++i) {
    std::size_t slot = hash_of(groups_[i].family) & mask;
    while (table_[slot] != 0) slot = (slot + 1) & mask;
    table_[slot] = i + 1;
  }
}

void Block::finish() {
  for (Group& group : groups_) group.begin = group.end = 0;
  for (const Sample& sample : samples_) ++groups_[sample.family].end;
  std::uint32_t next = 0;
  for (Group& group : groups_) {
    group.begin = next;
    next += group.end;
    group.end = ordered_ ? next : group.begin;
  }
  if (ordered_) return;
  grouped_.resize(samples_.size());
  for (const Sample& sample : samples_) grouped_[groups_[sample.family].end++] = sample;
  samples_.swap(grouped_);
  ordered_ = true;
}

}  // namespace vitalsd
