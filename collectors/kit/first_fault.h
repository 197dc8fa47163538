// Keeps the first fault that a parser reports, for callers that report one error for a whole file.
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
  /// The first fault, to be returned after everything else of the file was used; success if there was none.
  Result<void> result() const {
    if (error_) return fail(*error_);
    return {};
  }

 private:
  std::optional<Error> error_;
};

}  // namespace vitalsd
