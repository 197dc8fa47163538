// The Prometheus text exposition (0.0.4) that other programs write: families, and samples with their labels.
//   Exposition read; if (const auto error = exposition::parse(text, limits, read)) say(error->line, error->column);
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/block.h"

namespace vitalsd {

/// All texts are views into the parsed text or into `unescaped`.
struct Exposition {
  struct Family {
    std::string_view name, help;
    Kind kind = Kind::untyped;
    bool has_help = false, has_type = false;
  };
  struct Label {
    std::string_view name, value;
  };
  struct Sample {
    std::size_t family, first_label, labels;
    Part part;
    double value;
  };
  std::vector<Family> families;
  std::vector<Label> labels;
  std::vector<Sample> samples;
  bool timestamps = false;                               ///< one of the samples has one
  std::size_t timestamp_line = 0, timestamp_column = 0;  ///< where the first one is
  std::string unescaped;
};

struct ExpositionLimits {
  std::size_t samples = 100'000;
  std::size_t labels = 64;  ///< of one sample
};

struct ExpositionError {
  std::size_t line, column;  ///< from 1
  std::string_view what;     ///< static
};

namespace exposition {
/// Replaces `out`, which must not be used if an error is returned. A last line without a newline is an error, since its
/// writer may have been cut off within a number.
std::optional<ExpositionError> parse(std::string_view text, const ExpositionLimits& limits, Exposition& out);
}  // namespace exposition

}  // namespace vitalsd
