// While it lives, this process can open no more than so many descriptors.
//   { FewDescriptors few(2); made.emplace(); }
#pragma once

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "core/fd.h"

namespace vitalsd {

class FewDescriptors {
 public:
  explicit FewDescriptors(std::size_t count) {
    ::getrlimit(RLIMIT_NOFILE, &was_);
    // The lowest numbers that are free are what it gets.
    std::vector<Fd> free;
    for (std::size_t i = 0; i <= count; ++i) free.emplace_back(::dup(STDERR_FILENO));
    rlimit few = was_;
    few.rlim_cur = static_cast<rlim_t>(free.back().get());
    ::setrlimit(RLIMIT_NOFILE, &few);
  }
  ~FewDescriptors() { ::setrlimit(RLIMIT_NOFILE, &was_); }
  FewDescriptors(const FewDescriptors&) = delete;
  FewDescriptors& operator=(const FewDescriptors&) = delete;

 private:
  rlimit was_{};
};

}  // namespace vitalsd
