// One descriptor for each root of a kernel file system, however many sources read below it: each collector has its own.
//   if (auto known = KernelRoots::of_process().find("/proc")) ... else roots.share("/proc", std::move(fd))
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "core/fd.h"

namespace vitalsd {

using SharedFd = std::shared_ptr<const Fd>;

/// Used by all threads. Only roots of kernel file systems belong here: their directories are not replaced by others of
/// the same name. A descriptor is closed with the last source that holds it.
class KernelRoots {
 public:
  static KernelRoots& of_process() {
    static KernelRoots roots;
    return roots;
  }

  /// The root that some source holds, or null.
  SharedFd find(std::string_view path) {
    const std::scoped_lock lock(mutex_);
    const auto known = known_.find(path);
    return known == known_.end() ? nullptr : known->second.lock();
  }

  SharedFd share(std::string_view path, Fd fd) {
    auto shared = std::make_shared<const Fd>(std::move(fd));
    const std::scoped_lock lock(mutex_);
    std::erase_if(known_, [](const auto& each) { return each.second.expired(); });
    known_.insert_or_assign(std::string(path), shared);
    return shared;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::weak_ptr<const Fd>, std::less<>> known_;
};

}  // namespace vitalsd
