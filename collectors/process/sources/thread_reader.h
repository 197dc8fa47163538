// Reads the threads of one process: their states and context switches, or everything about each.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "collectors/process/sources/process_sample.h"
#include "core/collector.h"

namespace vitalsd {

struct ThreadSample {
  ProcessId id;  ///< of the thread
  char state = 0;
  Comm comm;
  Has has = Has::none;
  ProcessCounts counts;  ///< run_delay is not read
  std::string wchan;     ///< the kernel function it waits in; empty if it runs or the kernel hides it
};

class ThreadReader {
 public:
  enum class Depth : std::uint8_t {
    switches,  ///< only task/TID/status
    all,       ///< stat, status, io and wchan
  };

  /// The threads of `pid` in the order of the directory, without those that end meanwhile. Valid until the next call.
  /// Sets `failed` to the first error, except for threads that ended.
  Result<std::span<const ThreadSample>> read(CollectContext& context, std::int32_t pid, Depth depth,
                                             std::optional<Error>& failed);
  /// Reads where the first thread waits, as in ThreadSample::wchan. Reuses the memory of `wchan`.
  Result<void> read_wchan(CollectContext& context, std::int32_t pid, std::string& wchan);

 private:
  Result<void> read_switches(CollectContext& context, ThreadSample& thread);
  static Result<void> read_wchan(CollectContext& context, std::string_view path, std::string& wchan);
  Result<void> read_all(CollectContext& context, ThreadSample& thread, std::optional<Error>& failed);
  std::string_view path(std::string_view tid, std::string_view file);

  Names names_;
  std::string directory_, path_;
  std::vector<ThreadSample> threads_;  // only grows, so that its strings are reused
};

}  // namespace vitalsd
