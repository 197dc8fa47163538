// What a collector is, what a run is given, and how a collector registers itself.
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

/// The system as one collector sees it. Each collector has its own Host, because sources keep descriptors open.
struct Host {
  std::unique_ptr<OpenRule> opening = {};  ///< shared by all sources of this host; null where they have no rule
  std::unique_ptr<FileSource> procfs;
  std::unique_ptr<FileSource> sysfs;
  std::unique_ptr<FileSource> rootfs;
  std::unique_ptr<FileSource> cgroupfs;
  std::unique_ptr<FileSource> udev = {};  ///< udev's database, /run/udev/data on the host
  std::unique_ptr<FileSource> self;       ///< the daemon's own /proc/self, wherever procfs points
  Units units;
  const Clock* clock = nullptr;
  std::string state_directory = {};  ///< where state that outlives the daemon is saved; empty: none is saved
  std::string root_path = "/";       ///< the path of `rootfs`, for system calls that take a path
  std::shared_ptr<NetlinkSource> netlink =
      {};                               ///< of the running kernel; null where the trees belong to another system
  std::shared_ptr<BusSource> bus = {};  ///< the system's D-Bus; null where `netlink` is, and where it is not built in
};

/// What one run is given. Valid only during the call.
struct CollectContext {
  const Host& host;
  std::stop_token stop;  ///< requested at the deadline and at shutdown; long runs check it
  std::chrono::steady_clock::time_point deadline;
  std::string&
      buffer;  ///< for file contents; shared by the runs of one thread, so its contents mean nothing at the start
  FaultSink& faults;
  EventSink* events = nullptr;  ///< null where nobody listens
  /// The age up to which a run may publish an expensive value again instead of reading it anew: within it, nothing gets
  /// older than `fresh` before the next run. 0: the run reads everything.
  std::chrono::nanoseconds lasting{};
  /// Whether this run was requested only by the collector's own woken(). Such a run may read only what woke it, publish
  /// everything else unchanged, and set `partial`. A partial run does not count as fresh; the collector wakes itself
  /// for a complete one.
  bool woken = false;
  bool partial = false;

  void happened(const Event& event) const {
    if (events != nullptr) events->happened(event);
  }
};

class Collector {
 public:
  virtual ~Collector() = default;

  /// Does one round, on a pool thread (or on the loop, see CollectorSpec::never_waits), never two at once. An error
  /// discards what the sink received.
  virtual Result<void> collect(CollectContext& context, Sink& sink) = 0;

  /// A descriptor that becomes readable when the collector wants a run before the next tick (an epoll set of pidfds,
  /// for example), or -1. Called once, after construction. The collector owns it and makes it unreadable again in
  /// collect().
  virtual int wake_fd() const noexcept { return -1; }

  /// Returns whether a run is wanted at once. Called on the loop when wake_fd() is readable, even while a run is under
  /// way on another thread. Must not block.
  virtual bool woken() noexcept { return true; }

  /// The time from one tick to the next, for a collector that knows better than the configured interval. Called between
  /// runs.
  virtual std::chrono::nanoseconds pace(std::chrono::nanoseconds interval) const noexcept { return interval; }
};

/// Everything the daemon, the configuration and the generated reference know of a collector.
struct CollectorSpec {
  std::string_view name;
  bool enabled = true;  ///< whether it runs by default
  std::string_view help;
  std::span<const OptionSpec> options = {};
  std::span<const Family* const> families = {};
  /// The subset of `families` that the daemon's history keeps by default: what a person looks at first.
  std::span<const Family* const> remembered = {};
  /// The kernel answers all its reads from memory: no device is involved, and no lock that another process may hold for
  /// long. Once its files are open, it runs on the loop with OpenRule::kept_only. A run that would have to open a file
  /// there is dropped and repeated on the pool, so a refused open must leave no trace in the collector.
  bool never_waits = false;
  /// Builds a collector. Throws OptionError for a value that its type alone does not exclude.
  std::unique_ptr<Collector> (*make)(const Options&) = nullptr;
  /// The powers that a collector with these options needs on this host; null: none. Called at startup, and on the pool
  /// at each reload.
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

/// To register a collector, define a namespace-scope constant of this type in its .cpp. Nothing else is needed.
class Registration {
 public:
  explicit Registration(const CollectorSpec& spec);
};

/// All registered collectors, sorted by name.
std::span<const CollectorSpec> registered_collectors();
const CollectorSpec* find_collector(std::string_view name);

}  // namespace vitalsd
