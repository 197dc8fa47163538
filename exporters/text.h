// The Prometheus text format 0.0.4, written straight from blocks.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/block.h"

namespace vitalsd {

inline constexpr std::string_view kTextContentType = "text/plain; version=0.0.4; charset=utf-8; escaping=values";

/// Encodes snapshots; keeps its scratch space and the order of families between calls. One thread at a time.
class TextEncoder {
 public:
  /// `external_labels` is label text as in a Block (`cluster="eu"`), put before the labels of every sample.
  explicit TextEncoder(std::string external_labels = {}) : external_(std::move(external_labels)) {}

  /// Appends the exposition to `out`: families by name, one HELP and TYPE each, samples as they were collected.
  /// A name that two blocks carry comes out as one family with the first block's HELP and TYPE.
  void encode(const Snapshot& snapshot, std::string& out);

 private:
  struct Entry {
    const Family* family;
    const Block* block;
    std::uint32_t group;
  };
  void arrange(const Snapshot& snapshot);
  void write_heads();
  void write_samples(const Entry& entry, std::string& out) const;

  std::string external_;
  std::vector<Entry> entries_;
  // The families of the last call: while they are the same, so is all below. Another family may have the address of one
  // that has gone since, so that their texts count.
  struct Known {
    std::string name, help;
    Kind kind;
    bool is(const Family& f) const noexcept { return kind == f.kind && name == f.name && help == f.help; }
  };
  std::vector<Known> shape_;
  std::vector<std::uint32_t> order_;
  std::string heads_;              // HELP and TYPE of all, in that order
  std::vector<std::size_t> ends_;  // of each family's in heads_; one whose name came before has none
};

/// Appends a sample's value as Prometheus reads it back exactly: shortest digits, NaN, +Inf, -Inf.
void append_value(std::string& out, double value);

}  // namespace vitalsd
