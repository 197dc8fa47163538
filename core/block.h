// A Block is one collector's published samples: an arena that is filled, finished, published and reused. Label text is
// escaped once, on entry, as `cpu="0",mode="idle"`, and is then copied into any exposition as it is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/family.h"

namespace vitalsd {

/// A set of labels inside one Block; kNoLabels is the empty set.
enum class LabelId : std::uint32_t {};
inline constexpr LabelId kNoLabels{0};

/// Which series of a family a sample belongs to. All but `value` belong to histograms and summaries.
enum class Part : std::uint8_t { value, bucket, sum, count };

struct Sample {
  double value;
  std::uint32_t family;  ///< index into Block::families()
  LabelId labels;
  Part part;
};
static_assert(sizeof(Sample) == 24);

class Block {
 public:
  /// The samples of one family, contiguous once the block is finished.
  struct Group {
    const Family* family;
    std::uint32_t begin;
    std::uint32_t end;
  };

  Block();

  /// Empties the block and keeps its memory, so that a steady state allocates nothing.
  void clear() noexcept;

  /// Stores a label set and returns its handle. Names are trusted; values are escaped here.
  LabelId add_labels(std::span<const std::string_view> names, std::span<const std::string_view> values);
  void append(const Family& family, LabelId labels, double value, Part part);
  /// Keeps the owner of families that are not static alive for as long as this block lives.
  void keep(std::shared_ptr<const void> owner) { owner_ = std::move(owner); }

  /// Groups the samples by family. Families and the samples within one keep their order of insertion. Call once, before
  /// publishing.
  void finish();

  std::span<const Group> groups() const noexcept { return groups_; }
  std::span<const Sample> samples() const noexcept { return samples_; }
  std::span<const Sample> samples(const Group& group) const noexcept {
    return std::span(samples_).subspan(group.begin, group.end - group.begin);
  }
  std::string_view label_text(LabelId id) const noexcept;

 private:
  std::uint32_t index_of(const Family& family);
  void grow_table();

  struct Extent {
    std::uint32_t offset;
    std::uint32_t size;
  };
  std::string text_;
  std::vector<Extent> labels_;
  std::vector<Sample> samples_;
  std::vector<Sample> grouped_;  // finish() sorts into this and swaps
  std::vector<Group> groups_;
  std::vector<std::uint32_t> table_;  // open addressing: family pointer -> index + 1
  std::uint32_t last_ = 0;
  bool ordered_ = true;
  std::shared_ptr<const void> owner_;
};

/// Everything published at one moment, in the order of the collectors' names.
using Snapshot = std::vector<std::shared_ptr<const Block>>;

/// Appends `value` as the inside of a quoted label value. Escapes backslash, quote and newline, and replaces bytes that
/// are not UTF-8 by U+FFFD, since an exposition must be UTF-8.
void append_escaped_label(std::string& out, std::string_view value);

}  // namespace vitalsd
