// All forms of an exposition, from one arrangement of the families.
//   Encoders encoders("cluster=\"eu\""); encoders.encode(snapshot, variant_of(form), out);
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "exporters/arrangement.h"
#include "exporters/format.h"
#include "exporters/protobuf.h"
#include "exporters/text.h"

namespace vitalsd {

/// One thread at a time.
class Encoders {
 public:
  /// `external_labels` is label text as in a Block, put before the labels of every sample.
  explicit Encoders(std::string_view external_labels = {});

  /// Appends the exposition; allocates nothing once it has written the same families in the same form.
  void encode(const Snapshot& snapshot, Variant variant, std::string& out);

  /// What two blocks both had, in what was encoded last.
  const Arrangement::LeftOut& left_out() const noexcept { return arrangement_.left_out(); }

 private:
  Arrangement arrangement_;
  std::array<TextEncoder, 4> lines_;  // text, text with dots, OpenMetrics, OpenMetrics with dots
  std::array<ProtobufEncoder, 2> protobuf_;
};

}  // namespace vitalsd
