// Expositions of other programs: an accepted one has names and labels, a rejected one a position.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "collectors/formats/exposition.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vitalsd;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Exposition read;
  const ExpositionLimits limits{.samples = 100, .labels = 8};
  if (const auto error = exposition::parse(text, limits, read)) {
    if (error->line == 0 || error->column == 0 || error->what.empty()) std::abort();
    return 0;
  }
  if (read.samples.size() > limits.samples) std::abort();
  for (const auto& sample : read.samples) {
    if (sample.family >= read.families.size() || read.families[sample.family].name.empty()) std::abort();
    if (sample.labels > limits.labels || sample.first_label + sample.labels > read.labels.size()) std::abort();
  }
  return 0;
}
