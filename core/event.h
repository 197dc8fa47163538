// An event that a collector saw. The daemon keeps the minutes before it: see daemon/history/recorder.h.
//   context.happened({EventKind::oom_kill, "/kubepods/x", "1 process killed"});
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace vitalsd {

enum class EventKind : std::uint8_t {
  oom_kill,      ///< the OOM killer killed a process; the entity is its cgroup
  target_ended,  ///< a watched process ended; the entity is the target's name
  pressure,      ///< no task could make progress for a while; the entity is the resource or the cgroup
};
inline constexpr std::size_t kEventKinds = 3;

/// The value of a label, and a part of a report's name.
constexpr std::string_view name_of(EventKind kind) noexcept {
  constexpr std::array<std::string_view, kEventKinds> kNames = {"oom_kill", "target_ended", "pressure"};
  return kNames[static_cast<std::size_t>(kind)];
}

/// The views are valid during the call that takes the event.
struct Event {
  EventKind kind;
  std::string_view entity;
  std::string_view detail;  ///< for people: "SIGKILL", "memory stalled 100 ms of 2 s"
};

/// Receives events. Never fails and never blocks.
class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void happened(const Event& event) = 0;
};

}  // namespace vitalsd
