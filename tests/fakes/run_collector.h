// Runs one collector as the daemon would, and returns its exposition.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/collector.h"
#include "exporters/text.h"

namespace vitalsd {

struct RecordedFault {
  std::string entity, field;
  Errc code;
};

class RecordingFaults final : public FaultSink {
 public:
  void partial(std::string_view entity, std::string_view field, const Error& error, std::string_view) override {
    faults.push_back({std::string(entity), std::string(field), error.code});
  }
  std::vector<RecordedFault> faults;
};

struct RecordedEvent {
  EventKind kind;
  std::string entity, detail;
  bool operator==(const RecordedEvent&) const = default;
};

class RecordingEvents final : public EventSink {
 public:
  void happened(const Event& event) override {
    events.push_back({event.kind, std::string(event.entity), std::string(event.detail)});
  }
  std::vector<RecordedEvent> events;
};

/// A Host over a directory of fixtures with the layout proc/ sys/ root/ cgroup/.
inline Host fixture_host(const std::string& directory, const Clock& clock) {
  return {.procfs = open_directory(directory + "/proc"),
          .sysfs = open_directory(directory + "/sys"),
          .rootfs = open_directory(directory + "/root", Resolve::in_root),
          .cgroupfs = open_directory(directory + "/cgroup"),
          .udev = open_directory(directory + "/udev"),
          .self = open_directory(directory + "/proc/self"),
          .units = {},
          .clock = &clock};
}

struct RunResult {
  Result<void> result;
  std::string text;  ///< the exposition, even if the run failed
  std::vector<RecordedFault> faults;
  std::vector<RecordedEvent> events = {};
  bool partial = false;
};

/// `lasting` and `woken` as in CollectContext.
inline RunResult run_collector(Collector& collector, const Host& host, std::chrono::nanoseconds lasting = {},
                               bool woken = false) {
  auto block = std::make_shared<Block>();
  BlockSink sink(*block);
  RecordingFaults faults;
  RecordingEvents events;
  std::string buffer;
  CollectContext context{
      host, {}, std::chrono::steady_clock::now() + std::chrono::seconds(10), buffer, faults, &events, lasting, woken};
  RunResult run{collector.collect(context, sink), {}, {}};
  block->finish();
  TextEncoder().encode({block}, run.text);
  run.faults = std::move(faults.faults);
  run.events = std::move(events.events);
  run.partial = context.partial;
  return run;
}

/// The value of the sample `series`; empty if there is none.
inline std::optional<std::string> sample(const std::string& text, const std::string& series) {
  const std::size_t at = ("\n" + text).find("\n" + series + " ");
  if (at == std::string::npos) return std::nullopt;
  const std::size_t begin = at + series.size() + 1;
  return text.substr(begin, text.find('\n', begin) - begin);
}

}  // namespace vitalsd
