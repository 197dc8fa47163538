// A directory that is taken for a kernel file system: what is asked of those alone can be tried with ordinary files.
#pragma once

#include "tests/fakes/forwarding_files.h"

namespace vitalsd {

class AsKernel final : public ForwardingFiles {
 public:
  using ForwardingFiles::ForwardingFiles;
  bool is_kernel() const noexcept override { return true; }
};

}  // namespace vitalsd
