// A GroupTracker over processes that a test makes up.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "collectors/process/groups/group_tracker.h"
#include "tests/fakes/fake_process_source.h"
#include "tests/fakes/fake_processes.h"

namespace vitalsd {

inline constexpr std::uint64_t kSecond = 1'000'000'000;
// FakeClock starts 1,000,000 s after the boot.
inline constexpr std::uint64_t kNow = 100'000'000;  // ticks

class GroupTrackerTest : public testing::Test {
 protected:
  ProcessSample& process(std::int32_t pid, const std::string& comm, std::int32_t parent = 1,
                         std::uint64_t start = 100) {
    ProcessSample& made = source[pid];
    made.comm = std::string_view(comm);
    made.ppid = parent;
    made.id.start = start;
    return made;
  }
  void make(GroupOptions options, const std::string& procnames) {
    Options all = Options::defaults(find_collector("process_groups")->options);
    all.set("procnames", {.text = procnames, .items = {}, .records = {}});
    tracker.emplace(options, GroupRules(all));
  }
  void round() {
    CollectContext context{fakes.host, {}, {}, buffer, faults};
    ASSERT_TRUE(tracker->update(context, source, [this] { return std::span(ended); }));
  }
  const Group& group(std::string_view name) { return tracker->groups().find(name)->second; }
  bool has(std::string_view name) const { return tracker->groups().contains(name); }

  FakeProcesses fakes;
  FakeProcessSource source;
  std::vector<ProcessExit> ended;
  RecordingFaults faults;
  std::string buffer;
  std::optional<GroupTracker> tracker;
};

}  // namespace vitalsd
