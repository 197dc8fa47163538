// The format of /proc/PID/mountstats (fs/nfs/super.c, net/sunrpc/stats.c): a line for each mount, and for NFS a block
// of lines below it.
//   "device server:/srv mounted on /mnt with fstype nfs4 statvers=1.1\n\tage:\t13968\n\tbytes:\t1 0 0 0 1 0 0 0\n..."
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/family.h"
#include "core/faults.h"
#include "core/result.h"

namespace vitalsd {

/// All texts are views into the parsed text, as the kernel escapes them.
struct NfsTransport {
  static constexpr std::size_t kNumbers = 13;
  std::string_view protocol;  ///< "tcp", "udp" or "rdma"
  /// In the order of tcp: port, bind, connect, connect idle, idle, sends, receives, bad XIDs, active, backlog, and
  /// since version 1.1 most slots, sending, pending. What a protocol does not have is 0; what a version does not count
  /// is kAbsent.
  std::array<double, kNumbers> numbers{};
};

struct NfsOperation {
  static constexpr std::size_t kNumbers = 9;
  std::string_view name;
  /// Requests, transmissions, timeouts, bytes sent and received, milliseconds queued, waiting and in all, errors.
  std::array<std::uint64_t, kNumbers> numbers{};
};

struct NfsMount {
  static constexpr std::size_t kBytes = 8, kEvents = 27;
  std::string_view device, point;
  std::size_t place = 0;  ///< among all mounts of the file
  double age = kAbsent;
  std::array<double, kBytes> bytes{};
  std::array<double, kEvents> events{};
  bool has_bytes = false, has_events = false;
  std::size_t first_transport = 0, transports = 0, first_operation = 0, operations = 0;
};

/// The memory is reused.
struct MountStats {
  std::vector<NfsMount> mounts;
  std::vector<NfsTransport> transports;
  std::vector<NfsOperation> operations;
};

namespace mountstats {
inline constexpr std::size_t kMostMounts = 100'000;  // fs.mount-max

/// Replaces `out` with the mounts of NFS. A bad line costs itself, a bad "device" line the block below it.
Result<void> parse(std::string_view text, MountStats& out, FaultSink& faults);
}  // namespace mountstats

}  // namespace vitalsd
