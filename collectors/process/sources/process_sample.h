// The sample of one process or thread that a source takes in a round, and the identity that distinguishes a process
// from a later one with the same pid.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

#include "core/result.h"

namespace vitalsd {

/// Identifies a process: pids are reused, a pid with its start time is not. `start` is in clock ticks since boot, field
/// 22 of /proc/PID/stat.
struct ProcessId {
  std::int32_t pid = 0;
  std::uint64_t start = 0;
  bool operator==(const ProcessId&) const = default;
};

/// Counters that only grow while a process lives. Times in nanoseconds, sizes in bytes.
struct ProcessCounts {
  std::uint64_t user = 0;
  std::uint64_t system = 0;
  std::uint64_t run_delay = 0;  ///< runnable but waiting for a CPU
  std::uint64_t read_bytes = 0;
  std::uint64_t write_bytes = 0;
  std::uint64_t major_faults = 0;
  std::uint64_t minor_faults = 0;
  std::uint64_t voluntary_switches = 0;
  std::uint64_t nonvoluntary_switches = 0;

  constexpr std::uint64_t cpu() const noexcept { return user + system; }
  constexpr ProcessCounts& operator+=(const ProcessCounts& more) noexcept {
    user += more.user;
    system += more.system;
    run_delay += more.run_delay;
    read_bytes += more.read_bytes;
    write_bytes += more.write_bytes;
    major_faults += more.major_faults;
    minor_faults += more.minor_faults;
    voluntary_switches += more.voluntary_switches;
    nonvoluntary_switches += more.nonvoluntary_switches;
    return *this;
  }
};

/// The fields that the source could read. Any other is absent, never 0.
enum class Has : std::uint16_t {
  none = 0,
  io = 1 << 0,
  switches = 1 << 1,
  run_delay = 1 << 2,
  resident = 1 << 3,  ///< by kind: anonymous, file, shared
  swap = 1 << 4,
  fds = 1 << 5,
  fd_limit = 1 << 6,
  uid = 1 << 7,
};
constexpr Has operator|(Has a, Has b) noexcept { return static_cast<Has>(static_cast<int>(a) | static_cast<int>(b)); }
constexpr Has& operator|=(Has& a, Has b) noexcept { return a = a | b; }
constexpr bool operator&(Has a, Has b) noexcept { return (static_cast<int>(a) & static_cast<int>(b)) != 0; }

/// The kernel's name of a task, stored inline: 15 bytes for a process, up to 63 for a kernel worker. Any bytes but NUL.
class Comm {
 public:
  constexpr Comm() = default;
  constexpr Comm(std::string_view text) : size_(static_cast<std::uint8_t>(std::min(text.size(), kLimit))) {
    std::copy_n(text.begin(), size_, text_.begin());
  }
  constexpr operator std::string_view() const noexcept { return {text_.data(), size_}; }
  bool operator==(const Comm& other) const noexcept { return std::string_view(*this) == std::string_view(other); }

 private:
  static constexpr std::size_t kLimit = 63;
  std::array<char, kLimit> text_{};
  std::uint8_t size_ = 0;
};

/// The number of threads in each state, in process-exporter's classes.
struct ThreadStates {
  std::uint32_t running = 0, sleeping = 0, waiting = 0, zombie = 0, other = 0;

  constexpr void add(char state) noexcept {
    switch (state) {
      case 'R': ++running; break;
      case 'S': ++sleeping; break;
      case 'D': ++waiting; break;
      case 'Z': ++zombie; break;
      default: ++other;
    }
  }
  bool operator==(const ThreadStates&) const = default;
  constexpr ThreadStates& operator+=(const ThreadStates& more) noexcept {
    running += more.running;
    sleeping += more.sleeping;
    waiting += more.waiting;
    zombie += more.zombie;
    other += more.other;
    return *this;
  }
};

/// The members that every round adds up come first, so that they are close together in memory.
struct ProcessSample {
  static constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max();

  ProcessId id;
  Has has = Has::none;
  char state = 0;          ///< R S D Z T t X I P, as in /proc/PID/stat: of the first thread
  bool unchanged = false;  ///< equal to the sample of the previous round
  std::uint32_t threads = 0;
  ThreadStates states;  ///< each thread counted once
  std::int32_t ppid = 0;
  std::uint64_t fds = 0;
  std::uint64_t fd_limit = 0;  ///< soft; kUnlimited
  std::uint64_t virtual_bytes = 0;
  std::uint64_t resident_bytes = 0;  ///< the sum of the three below if they are known
  std::uint64_t anon_bytes = 0;
  std::uint64_t file_bytes = 0;
  std::uint64_t shmem_bytes = 0;
  std::uint64_t swap_bytes = 0;

  ProcessCounts counts;
  std::uint64_t children_user = 0;    ///< ns, of children that were waited for
  std::uint64_t children_system = 0;  ///< ns
  std::uint64_t living_run_delay =
      0;  ///< used by the BPF source only: the part of run_delay that belongs to living threads

  std::uint32_t uid = 0;      ///< effective
  std::uint32_t exec_id = 0;  ///< changes with each exec; 0 if the source cannot detect one
  Comm comm;
  std::string_view unread = {};  ///< the first field that the kernel has but that could not be read, or empty
  Error error = {};              ///< of `unread`
};

}  // namespace vitalsd
