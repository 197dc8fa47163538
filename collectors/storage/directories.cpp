// Collector `directories`: size, number and age of the files below chosen directories. Large trees are measured in
// several rounds; a file system that hangs keeps its own directory from being measured.
#include <pthread.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <csignal>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "collectors/storage/directory_walk.h"
#include "core/collector.h"

namespace vitalsd {
namespace {

constexpr std::array<std::string_view, 1> kLabel = {"directory"};

struct Measured {
  DirectoryWalk::Found found;
  std::chrono::system_clock::time_point at;
};
// A sum is not published where a part of it could not be read.
double whole(const Measured& m, std::uint64_t value) {
  return m.found.unreadable > 0 ? kAbsent : static_cast<double>(value);
}
double moment(const Measured& m, const std::optional<std::int64_t>& value) {
  return m.found.unreadable > 0 || !value ? kAbsent : static_cast<double>(*value);
}
constexpr std::array<Row<Measured>, 8> kRows = {{
    {{"vitalsd_directory_size_bytes", Kind::gauge,
      "Sizes of all regular files below the directory, on the same mount; one with several names counts by each.",
      "bytes", kLabel},
     [](const Measured& m) { return whole(m, m.found.bytes); }},
    {{"vitalsd_directory_allocated_bytes", Kind::gauge, "What these files take on the disk.", "bytes", kLabel},
     [](const Measured& m) { return whole(m, m.found.allocated); }},
    {{"vitalsd_directory_files", Kind::gauge, "Regular files below the directory.", "", kLabel},
     [](const Measured& m) { return whole(m, m.found.files); }},
    {{"vitalsd_directory_subdirectories", Kind::gauge, "Directories below the directory.", "", kLabel},
     [](const Measured& m) { return whole(m, m.found.directories); }},
    {{"vitalsd_directory_oldest_modification_seconds", Kind::gauge,
      "When the file was modified that this is longest ago for, in unixtime.", "seconds", kLabel},
     [](const Measured& m) { return moment(m, m.found.oldest); }},
    {{"vitalsd_directory_newest_modification_seconds", Kind::gauge,
      "When the file was modified last of all that was, in unixtime.", "seconds", kLabel},
     [](const Measured& m) { return moment(m, m.found.newest); }},
    {{"vitalsd_directory_unreadable", Kind::gauge,
      "Directories below it, and entries, that could not be read; where there are any, the figures are absent.", "",
      kLabel},
     [](const Measured& m) { return static_cast<double>(m.found.unreadable); }},
    {{"vitalsd_directory_measured_timestamp_seconds", Kind::gauge,
      "When the figures of the directory were complete, in unixtime.", "seconds", kLabel},
     [](const Measured& m) { return unix_seconds(m.at); }},
}};
constexpr auto kFamilies = family_list<family_total(kRows)>(kRows);

constexpr std::array kOptions = {
    OptionSpec{.name = "paths",
               .type = OptionType::list,
               .default_value = "",
               .help = "Directories to measure.",
               .enables = true},
    OptionSpec{"every", OptionType::duration, "5m", "How long after it was measured a directory is measured again."},
    OptionSpec{"entries", OptionType::integer, "10000", "How many entries of a directory are looked at in one round."},
    OptionSpec{"patience", OptionType::duration, "1s",
               "How long a round waits for one directory; after that, its file system is taken to hang."},
};

constexpr std::size_t kMostPaths = 64;
constexpr std::size_t kMostHung = 8;  // threads that file systems may hold

// One directory, shared with the thread that is at work on it, which may never come back.
struct Walk {
  explicit Walk(const std::string& path) : walk(path) {}

  DirectoryWalk walk;
  std::stop_source stop;
  std::mutex mutex;
  std::condition_variable finished;
  bool busy = false;                                    // a thread has it, and `walk` is that thread's
  std::optional<Result<DirectoryWalk::State>> outcome;  // of the last step

  static void step(const std::shared_ptr<Walk>& self, std::size_t entries) {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);  // signals are the loop's
    auto outcome = self->walk.step(entries, self->stop.get_token());
    const std::lock_guard lock(self->mutex);
    self->outcome = outcome;
    self->busy = false;
    self->finished.notify_all();
  }
};

struct Place {
  std::string path;
  std::shared_ptr<Walk> walk;
  std::optional<Measured> measured;
  std::chrono::steady_clock::time_point due{};
};

class DirectoriesCollector final : public Collector {
 public:
  explicit DirectoriesCollector(const Options& options)
      : every_(options.duration("every")),
        patience_(options.duration("patience")),
        entries_(static_cast<std::size_t>(std::clamp<std::int64_t>(options.integer("entries"), 1, 10'000'000))) {
    for (const std::string& path : options.list("paths")) {
      if (!path.starts_with('/')) throw OptionError("paths", "'" + path + "' does not begin with a slash");
      if (places_.size() == kMostPaths) throw OptionError("paths", "64 at most");
      if (std::ranges::find(places_, path, &Place::path) == places_.end()) places_.push_back({.path = path});
    }
  }
  ~DirectoriesCollector() override {
    for (const Place& place : places_) {
      if (place.walk) place.walk->stop.request_stop();
    }
  }
  DirectoriesCollector(const DirectoriesCollector&) = delete;
  DirectoriesCollector& operator=(const DirectoriesCollector&) = delete;

  Result<void> collect(CollectContext& context, Sink& sink) override {
    const auto now = context.host.clock->steady();
    std::size_t hung = 0;
    for (Place& place : places_) {
      if (!place.walk) place.walk = std::make_shared<Walk>(below(context.host.root_path, place.path));
      if (is_hung(place)) ++hung;
    }
    for (Place& place : places_) {
      if (context.stop.stop_requested()) break;
      if (now >= place.due) advance(place, context, now, hung);
      if (!place.measured) continue;
      const std::array<std::string_view, 1> directory = {place.path};
      sink.add_rows(kRows, *place.measured, sink.labels(kLabel, directory));
    }
    return {};
  }

 private:
  static std::string below(const std::string& root, const std::string& path) {
    return root == "/" ? path : root + path;
  }

  static bool is_hung(const Place& place) {
    const std::lock_guard lock(place.walk->mutex);
    return place.walk->busy;
  }

  // Has a thread take the next step, unless the last one still does.
  void advance(Place& place, CollectContext& context, std::chrono::steady_clock::time_point now, std::size_t& hung) {
    Walk& walk = *place.walk;
    std::unique_lock lock(walk.mutex);
    if (!walk.busy && !walk.outcome) {
      if (hung >= kMostHung) return lose(place, context, {Errc::timed_out, 0, "directory"});
      try {
        std::thread(&Walk::step, place.walk, entries_).detach();
      } catch (const std::system_error& refused) {
        return lose(place, context, {Errc::io, refused.code().value(), "thread"});
      }
      walk.busy = true;
      walk.finished.wait_for(lock, patience_, [&] { return !walk.busy; });
      if (walk.busy) ++hung;
    }
    if (walk.busy) return lose(place, context, {Errc::timed_out, 0, "directory"});
    const auto outcome = *std::exchange(walk.outcome, std::nullopt);
    if (!outcome) {
      place.due = now + every_;
      return lose(place, context, outcome.error());
    }
    if (*outcome == DirectoryWalk::State::going) return;
    place.measured = Measured{walk.walk.found(), context.host.clock->now()};
    place.due = now + every_;
    if (walk.walk.found().unreadable > 0)
      context.faults.partial(place.path, "directories", walk.walk.found().first_unreadable,
                             "let the daemon read all below it (CAP_DAC_READ_SEARCH), or name what it can read");
  }

  // What was measured of it before says nothing of now.
  static void lose(Place& place, CollectContext& context, const Error& error) {
    place.measured.reset();
    context.faults.partial(place.path, "directories", error, "see whether its file system answers");
  }

  std::chrono::nanoseconds every_, patience_;
  std::size_t entries_;
  std::vector<Place> places_;
};

const Registration kRegistration{{.name = "directories",
                                  .enabled = false,
                                  .help = "Size, number and age of the files below chosen directories.",
                                  .options = kOptions,
                                  .families = kFamilies,
                                  .make = make_configured<DirectoriesCollector>}};

}  // namespace
}  // namespace vitalsd
