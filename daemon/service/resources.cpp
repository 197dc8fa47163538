#include "daemon/service/resources.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <new>
#include <string_view>

#include "core/kept_files.h"

namespace vitalsd {
namespace {

constexpr rlim_t kUseful = 4 * KeptBudget::kMost;  // the daemon has no use for more
constexpr std::size_t kOwn = 64;                   // for event queues, listeners, roots, and files open for one read

constexpr std::string_view kNoMemory =
    "vitalsd: out of memory: give it more memory or address space (MemoryMax=, ulimit -v)\n";

void on_terminate() noexcept {
  if (const auto error = std::current_exception()) {
    try {
      std::rethrow_exception(error);
    } catch (const std::bad_alloc&) {
      [[maybe_unused]] const auto written = ::write(STDERR_FILENO, kNoMemory.data(), kNoMemory.size());
      ::_exit(EXIT_FAILURE);
    } catch (...) {  // a defect: a core dump is needed
      std::abort();
    }
  }
  std::abort();
}

}  // namespace

std::size_t descriptor_limit() noexcept { return descriptor_limit(kUseful); }

std::string claim_descriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < std::min(limit.rlim_max, kUseful)) {
    limit.rlim_cur = std::min(limit.rlim_max, kUseful);
    (void)::setrlimit(RLIMIT_NOFILE, &limit);
  }
  const std::size_t has = descriptor_limit();
  if (has >= kNeededDescriptors) return {};
  return "needs " + std::to_string(kNeededDescriptors) + " file descriptors and may have " + std::to_string(has) +
         ": raise the limit (LimitNOFILE= of the service, ulimit -n)";
}

// Connections may use what is left after the files that collectors keep open and the daemon's own.
std::size_t connections_for(std::size_t descriptors, std::size_t most) noexcept {
  const std::size_t taken = KeptBudget::limit_for(descriptors) + KeptBudget::processes_for(descriptors) + kOwn;
  return std::min(most, std::max<std::size_t>(descriptors > taken ? descriptors - taken : 0, 8));
}

void end_clearly_without_memory() noexcept { std::set_terminate(on_terminate); }

}  // namespace vitalsd
