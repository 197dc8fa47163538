// A directory that passes for a kernel file system, so that what applies only to those can be tested with ordinary
// files.
#pragma once

#include "tests/fakes/forwarding_files.h"

namespace vitalsd {

class AsKernel final : public ForwardingFiles {
 public:
  using ForwardingFiles::ForwardingFiles;
  bool is_kernel() const noexcept override { return true; }
};

}  // namespace vitalsd
