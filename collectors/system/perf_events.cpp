#include "collectors/system/perf_events.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace vitalsd {

int system_perf_event_open(perf_event_attr* attributes, int cpu) noexcept {
  const long fd = ::syscall(SYS_perf_event_open, attributes, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
  return fd < 0 ? -errno : static_cast<int>(fd);
}

bool PerfEvents::is_missing(int error) noexcept {
  return error == ENOENT || error == EOPNOTSUPP || error == EINVAL || error == ENOSYS;
}

void PerfEvents::open(std::size_t most, bool again) {
  std::size_t count = 0;
  for (const PerfEvent& event : events_) count += event.fd ? 1 : 0;
  for (PerfEvent& event : events_) {
    if (event.fd || is_missing(event.error) || (event.error != 0 && !again)) continue;
    if (count >= most) {
      event.error = EMFILE;
      continue;
    }
    perf_event_attr attributes{};
    attributes.size = sizeof attributes;
    attributes.type = event.kind.type;
    attributes.config = event.kind.config;
    attributes.exclude_hv = 1;
    attributes.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
    const int fd = open_(&attributes, static_cast<int>(event.cpu));
    event.error = fd < 0 ? -fd : 0;
    if (fd < 0) continue;
    event.fd.reset(fd);
    event.value = event.enabled = event.running = 0;  // `count` goes on
    ++count;
  }
}

void PerfEvents::read() {
  for (PerfEvent& event : events_) {
    if (!event.fd) continue;
    std::array<std::uint64_t, 3> now{};
    const ssize_t got = ::read(event.fd.get(), now.data(), sizeof now);
    if (got < 0 && errno == EINTR) continue;
    if (got != sizeof now) {  // in an error state: its CPU went away
      event.error = got < 0 ? errno : ENODEV;
      event.fd.reset();
      continue;
    }
    const auto [value, enabled, running] = now;
    if (running > event.running && value >= event.value && enabled >= event.enabled) {
      const auto share = static_cast<double>(enabled - event.enabled) / static_cast<double>(running - event.running);
      event.count += static_cast<double>(value - event.value) * share;
      event.known = true;
      event.value = value;
      event.enabled = enabled;
      event.running = running;
    }
  }
}

}  // namespace vitalsd
