#include "exporters/encoders.h"

namespace vitalsd {

Encoders::Encoders(std::string_view external)
    : lines_{TextEncoder(external, {}), TextEncoder(external, {.openmetrics = false, .dots = true}),
             TextEncoder(external, {.openmetrics = true, .dots = false}),
             TextEncoder(external, {.openmetrics = true, .dots = true})},
      protobuf_{ProtobufEncoder(external, false), ProtobufEncoder(external, true)} {}

void Encoders::encode(const Snapshot& snapshot, Variant variant, std::string& out) {
  arrangement_.arrange(snapshot);
  if (variant.body == Body::protobuf) return protobuf_[variant.dots ? 1 : 0].encode(arrangement_, out);
  lines_[index_of(variant)].encode(arrangement_, out);
}

}  // namespace vitalsd
