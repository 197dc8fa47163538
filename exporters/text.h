// The Prometheus text format and OpenMetrics, written straight from blocks.
//   TextEncoder({}, {.openmetrics = true}).encode(arrangement, out)
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/block.h"
#include "exporters/arrangement.h"
#include "exporters/external_labels.h"

namespace vitalsd {

inline constexpr std::string_view kTextContentType = "text/plain; version=0.0.4; charset=utf-8; escaping=values";

struct LineStyle {
  bool openmetrics = false;
  bool dots = false;  ///< of names, see Escaping
};

/// Encodes snapshots; keeps its scratch space between calls. One thread at a time.
class TextEncoder {
 public:
  /// `external_labels` is label text as in a Block (`cluster="eu"`), put before the labels of every sample
  /// that has none of the same name.
  explicit TextEncoder(std::string_view external_labels = {}, LineStyle style = {});

  /// Appends the exposition to `out`: families by name, one HELP and TYPE each, samples as they were collected.
  /// A name that two blocks carry comes out as one family with the first block's HELP and TYPE.
  void encode(const Snapshot& snapshot, std::string& out);
  /// The same of what is arranged already; always by the same arrangement.
  void encode(const Arrangement& arrangement, std::string& out);

 private:
  void write_heads(std::span<const Arrangement::Part> parts);
  void write_head(const Family& family, bool base_is_taken);
  void write_samples(const Arrangement::Part& part, std::string& out);
  std::string_view external_beside(std::string_view labels);
  void write_labels(std::string_view text, bool holds_number, std::string& out) const;

  LineStyle style_;
  ExternalLabels external_labels_;
  std::string external_;           // as they are written
  std::string beside_, rest_;      // those that a series lets through
  Arrangement arrangement_;        // of the snapshots
  std::uint64_t shape_ = 0;        // of what heads_ was written for
  std::string heads_;              // HELP and TYPE of all
  std::vector<std::size_t> ends_;  // of each part's in heads_; one whose name came before has none
  std::string name_;               // of the family that is being written
};

/// Appends a sample's value as Prometheus reads it back exactly: shortest digits, NaN, +Inf, -Inf.
void append_value(std::string& out, double value);

}  // namespace vitalsd
