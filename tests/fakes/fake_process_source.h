// A source of processes that a test makes up, for tests of groups.
#pragma once

#include <string>
#include <vector>

#include "collectors/process/sources/process_source.h"

namespace vitalsd {

class FakeProcessSource final : public ProcessSource {
 public:
  std::string_view name() const noexcept override { return called; }
  Result<std::span<const ProcessSample>> scan(CollectContext&) override {
    if (broken) return fail(Errc::io, "fake");
    return processes;
  }
  Result<void> detail(CollectContext&, ProcessSample& sample) override {
    return sample.id.pid == vanishing ? Result<void>(fail(Errc::vanished, "fake")) : Result<void>();
  }

  ProcessSample& operator[](std::int32_t pid) {
    for (ProcessSample& each : processes) {
      if (each.id.pid == pid) return each;
    }
    ProcessSample& made = processes.emplace_back();
    made.id = {pid, 100};
    made.threads = 1;
    made.state = 'S';
    made.states.add('S');
    made.has = Has::io | Has::switches | Has::run_delay | Has::swap | Has::fds | Has::fd_limit | Has::uid;
    return made;
  }
  void end(std::int32_t pid) {
    std::erase_if(processes, [pid](const ProcessSample& each) { return each.id.pid == pid; });
  }

  std::vector<ProcessSample> processes;
  std::string_view called = "fake";
  std::int32_t vanishing = 0;
  bool broken = false;
};

}  // namespace vitalsd
