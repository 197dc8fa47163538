// The sink to which a run or a parser reports what it had to leave out.
#pragma once

#include <string_view>

#include "core/result.h"

namespace vitalsd {

/// Receives faults of a run whose other results stand. Each is counted by reason, and logged once with its remedy.
class FaultSink {
 public:
  virtual ~FaultSink() = default;
  /// `field` and `remedy` are static; `entity` (a target's name, a device, the key of a line) is copied.
  virtual void partial(std::string_view entity, std::string_view field, const Error& error,
                       std::string_view remedy) = 0;
};

/// For callers that report the loss in another way, or not at all.
class NoFaults final : public FaultSink {
 public:
  void partial(std::string_view, std::string_view, const Error&, std::string_view) override {}
};

}  // namespace vitalsd
