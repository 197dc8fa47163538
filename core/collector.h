// What a collector is, what it is given, and how it registers itself.
//   const Registration kRegistration{{.name = "loadavg", .help = "...", .families = kFamilies, .make =
//   make<LoadavgCollector>}};
#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "core/event.h"
#include "core/family.h"
#include "core/faults.h"
#include "core/files.h"
#include "core/options.h"
#include "core/powers.h"
#include "core/sink.h"
#include "core/units.h"

namespace vitalsd {

class NetlinkSource;  // core/netlink.h
class BusSource;      // core/bus.h

/// The system as one collector sees it. Each collector has a Host of its own: its sources keep descriptors open.
struct Host {
  std::unique_ptr<OpenRule> opening = {};  ///< of all its sources; null where they have none
  std::unique_ptr<FileSource> procfs;
  std::unique_ptr<FileSource> sysfs;
  std::unique_ptr<FileSource> rootfs;
  std::unique_ptr<FileSource> cgroupfs;
  std::unique_ptr<FileSource> udev = {};  ///< udev's database, /run/udev/data on the host
  std::unique_ptr<FileSource> self;       ///< the daemon's own /proc/self, wherever procfs points
  Units units;
  const Clock* clock = nullptr;
  std::string state_directory = {};             ///< for what outlives the daemon; empty: nothing does
  std::string root_path = "/";                  ///< where `rootfs` lies, for system calls that take a path
  std::shared_ptr<NetlinkSource> netlink = {};  ///< of the running kernel; null where the trees are not its own
  std::shared_ptr<BusSource> bus = {};  ///< the system's D-Bus; null as `netlink` is, and where it is not built in
};

/// What one run is given. Valid for the call alone.
struct CollectContext {
  const Host& host;
  std::stop_token stop;  ///< requested at the deadline and at the daemon's end: long runs look at it
  std::chrono::steady_clock::time_point deadline;
  std::string& buffer;  ///< for file contents; of the thread: what is in it means nothing
  FaultSink& faults;
  EventSink* events = nullptr;  ///< null where nobody listens
  /// What a run read this long ago may be told once more, where reading it anew is dear: with that, nothing is older
  /// than `fresh` before the next run. 0: all is to be read.
  std::chrono::nanoseconds lasting{};
  /// Whether the collector alone asked for this run, by woken(): it may then read no more than what woke it, tell the
  /// rest as it was, and set `partial`. Such a run makes nothing fresh; the collector wakes itself for a whole one.
  bool woken = false;
  bool partial = false;

  void happened(const Event& event) const {
    if (events != nullptr) events->happened(event);
  }
};

class Collector {
 public:
  virtual ~Collector() = default;

  /// One round, on a pool thread (or the loop, see CollectorSpec::never_waits), never two at once. An error discards
  /// what the sink got.
  virtual Result<void> collect(CollectContext& context, Sink& sink) = 0;

  /// A descriptor that becomes readable when a run is wanted before the next tick (an epoll set of pidfds, say), or -1.
  /// Asked once, after construction; the collector owns it and makes it unreadable again in collect().
  virtual int wake_fd() const noexcept { return -1; }

  /// Called on the loop when wake_fd() is readable, also while a run is under way elsewhere; must not block. Whether a
  /// run is wanted at once.
  virtual bool woken() noexcept { return true; }

  /// How long after a tick the next one shall be, where the collector knows better than the configured interval.
  /// Asked between runs.
  virtual std::chrono::nanoseconds pace(std::chrono::nanoseconds interval) const noexcept { return interval; }
};

/// Everything the daemon, the configuration and the generated reference know of a collector.
struct CollectorSpec {
  std::string_view name;
  bool enabled = true;  ///< by default
  std::string_view help;
  std::span<const OptionSpec> options = {};
  std::span<const Family* const> families = {};
  /// Of these, the ones whose samples the daemon's history keeps by default: what a person looks at first.
  std::span<const Family* const> remembered = {};
  /// All that it reads, the kernel answers from memory: no device, no lock that another process may hold for long. Once
  /// its files are open, runs are on the loop, with OpenRule::kept_only: one that would open a file after all is
  /// dropped and made again on the pool, so that a refused file must leave no trace in the collector.
  bool never_waits = false;
  /// Builds one; throws OptionError for a value that its type alone does not exclude.
  std::unique_ptr<Collector> (*make)(const Options&) = nullptr;
  /// What one with these options needs on this host; null: nothing. Asked at the start, and at each reload on the pool.
  Powers (*powers)(const Options&, const Host&) = nullptr;
};

/// For collectors that have no options.
template <class T>
std::unique_ptr<Collector> make_collector(const Options&) {
  return std::make_unique<T>();
}
/// For collectors that are built from their options.
template <class T>
std::unique_ptr<Collector> make_configured(const Options& options) {
  return std::make_unique<T>(options);
}

/// A namespace-scope constant of this type in a collector's .cpp is all that makes it known.
class Registration {
 public:
  explicit Registration(const CollectorSpec& spec);
};

/// All registered collectors, by name.
std::span<const CollectorSpec> registered_collectors();
const CollectorSpec* find_collector(std::string_view name);

}  // namespace vitalsd
