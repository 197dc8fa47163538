// Something that a collector saw happen, worth keeping the minutes before it: see daemon/history/recorder.h.
//   context.happened({EventKind::oom_kill, "/kubepods/x", "1 process killed"});
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace vitalsd {

enum class EventKind : std::uint8_t {
  oom_kill,      ///< the kernel killed for want of memory; the entity is the cgroup
  target_ended,  ///< a watched process ended; the entity is the target's name
  pressure,      ///< nothing could make progress for a while; the entity is the resource, or the cgroup
};
inline constexpr std::size_t kEventKinds = 3;

/// A label value, and part of a report's name.
constexpr std::string_view name_of(EventKind kind) noexcept {
  constexpr std::array<std::string_view, kEventKinds> kNames = {"oom_kill", "target_ended", "pressure"};
  return kNames[static_cast<std::size_t>(kind)];
}

/// Views live for the call that takes them.
struct Event {
  EventKind kind;
  std::string_view entity;
  std::string_view detail;  ///< for people: "SIGKILL", "memory stalled 100 ms of 2 s"
};

/// Takes what happened; never fails, never blocks.
class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void happened(const Event& event) = 0;
};

}  // namespace vitalsd
