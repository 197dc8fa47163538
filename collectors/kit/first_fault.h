// Keeps the first line that a parser left out, for callers that report a file as a whole.
//   FirstFault lost; const auto io = pid_io::parse(*text, lost); if (!io) return fail(io.error()); use(*io);
//   return lost.result();
#pragma once

#include <optional>
#include <string_view>

#include "core/faults.h"

namespace vitalsd {

class FirstFault final : public FaultSink {
 public:
  void partial(std::string_view, std::string_view, const Error& error, std::string_view) override {
    if (!error_) error_ = error;
  }
  /// The failure to report once everything else of the file is taken; none when all of it was read.
  Result<void> result() const {
    if (error_) return fail(*error_);
    return {};
  }

 private:
  std::optional<Error> error_;
};

}  // namespace vitalsd
