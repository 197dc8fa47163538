// Which pods and containers there are, by the names that the kubelet gives to their logs: without an API, a token or a
// runtime's socket. The two directories are listed once and then followed (inotify(7)).
//   PodNames names("/var/log/pods", "/var/log/containers"); names.round(now, faults); names.container(id)->pod
#pragma once

#include <sys/inotify.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "collectors/formats/container_names.h"
#include "core/faults.h"
#include "core/fd.h"
#include "core/files.h"
#include "core/retry.h"

namespace vitalsd {

class PodNames {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// What is asked of the system; others in tests.
  struct Calls {
    int (*init)(int flags) = &::inotify_init1;
    int (*add)(int fd, const char* path, std::uint32_t mask) = &::inotify_add_watch;
  };
  static constexpr std::size_t kMost = 20'000;        ///< pods, and containers; a node has some hundreds
  static constexpr std::chrono::seconds kRescan{10};  ///< where a directory cannot be followed, or is not there

  /// Directories without a path are not looked at.
  PodNames(std::string pod_logs, std::string container_logs, Calls calls);
  PodNames(std::string pod_logs, std::string container_logs)
      : PodNames(std::move(pod_logs), std::move(container_logs), Calls{}) {}

  /// Takes what has changed; without changes that is one system call.
  void round(Time now, FaultSink& faults);
  /// Another number whenever one may be known that was not. Never 0.
  std::uint64_t generation() const noexcept { return generation_; }
  /// Null: not known. They are valid until the next round.
  const ContainerNames* container(std::string_view id) const;
  const ContainerNames* pod(std::string_view uid) const;  ///< with dashes

 private:
  using Known = std::map<std::string, ContainerNames, std::less<>>;
  using Parse = std::optional<std::pair<std::string_view, ContainerNames>> (*)(std::string_view name);
  struct Directory {
    std::string_view field;  ///< of faults
    std::string path;
    Parse parse = nullptr;
    std::unique_ptr<FileSource> files;
    Known known;
    int watch = -1;  ///< inotify's; -1: it is listed now and then
    Time again{};    ///< when it is to be listed
    std::optional<Error> fault;
    bool full = false;
  };

  void take_events();
  void take_event(const inotify_event& event);
  void lose(Directory& directory);
  void follow(Directory& directory, Time now);
  void list(Directory& directory);
  void add(Directory& directory, std::string_view name);
  void report(FaultSink& faults) const;

  Calls calls_;
  std::array<Directory, 2> directories_;  // of pods, of containers
  Fd inotify_;
  std::optional<Error> lack_;  // what inotify refused
  Retry retry_;
  std::uint64_t generation_ = 1;
  Names names_;
};

}  // namespace vitalsd
