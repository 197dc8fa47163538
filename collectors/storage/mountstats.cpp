// Collector `mountstats`: what the NFS client counts for each export it has mounted (/proc/self/mountstats). The
// server's address stands in /proc/self/mountinfo.
#include "collectors/formats/mountstats.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "collectors/kit/digits.h"
#include "collectors/kit/read_whole.h"
#include "collectors/storage/mountstats_rows.h"
#include "core/collector.h"
#include "core/scan.h"

namespace vitalsd::mountstats {
namespace {

constexpr std::size_t kLongest = 64U << 20U;  // a mount of NFS has 6 KiB
// Beyond, a double cannot distinguish one from the next; negative times of the kernel are such numbers.
constexpr std::uint64_t kMantissa = std::uint64_t{1} << 53U;
constexpr std::size_t kFirstTime = 5, kErrors = 8;  // of an operation's numbers: three times, then the errors
constexpr std::size_t kIdle = 4;                    // of a transport's

// A line of mountinfo: where the mount is, and the address among the options of its file system.
struct Place {
  std::string_view point, source, address;
};

Place read_place(std::string_view line) {
  Place place;
  Scan words(line, "mountinfo");
  for (int i = 0; i < 4; ++i) words.word();
  place.point = words.word();
  constexpr std::string_view kDash = " - ";
  const std::size_t dash = line.find(kDash);
  if (!words.ok() || dash == std::string_view::npos) return {};
  Scan rest(line.substr(dash + kDash.size()), "mountinfo");
  rest.word();
  place.source = rest.word();
  std::string_view options = rest.optional_word();
  while (!options.empty()) {
    const std::size_t comma = std::min(options.find(','), options.size());
    constexpr std::string_view kAddress = "addr=";
    const std::string_view option = options.substr(0, comma);
    if (option.starts_with(kAddress)) place.address = option.substr(kAddress.size());
    options.remove_prefix(std::min(comma + 1, options.size()));
  }
  return place;
}

class MountstatsCollector final : public Collector {
 public:
  Result<void> collect(CollectContext& context, Sink& sink) override {
    const FileSource& procfs = *context.host.procfs;
    const auto text = read_whole(procfs, "self/mountstats", text_, kLongest);
    if (!text) return fail(text.error());
    if (const auto parsed = parse(*text, stats_, context.faults); !parsed) return parsed;
    if (stats_.mounts.empty()) return {};
    if (const auto read = read_places(procfs); !read) return read;
    seen_points_.clear();
    seen_exports_.clear();
    for (const NfsMount& mount : stats_.mounts) add_mount(mount, sink);
    return {};
  }

 private:
  // What identifies a series: views into the texts of the round.
  using Key = std::array<std::string_view, 4>;

  Result<void> read_places(const FileSource& procfs) {
    const auto text = read_whole(procfs, "self/mountinfo", places_text_, kLongest);
    if (!text) return fail(text.error());
    places_.clear();
    for (Scan scan(*text, "mountinfo"); !scan.at_end();) places_.push_back(read_place(scan.line()));
    return {};
  }

  // Both files have the mounts in one order; one that came in between is found by its name.
  std::string_view address_of(const NfsMount& mount) const {
    const auto is_it = [&mount](const Place& place) {
      return place.point == mount.point && place.source == mount.device;
    };
    if (mount.place < places_.size() && is_it(places_[mount.place])) return places_[mount.place].address;
    const auto found = std::ranges::find_if(places_, is_it);
    return found == places_.end() ? std::string_view() : found->address;
  }

  static bool is_new(std::vector<Key>& seen, const Key& key) {
    const auto at = std::ranges::lower_bound(seen, key);
    if (at != seen.end() && *at == key) return false;
    seen.insert(at, key);
    return true;
  }

  // Mounts of one export share their numbers: they are reported once.
  void add_mount(const NfsMount& mount, Sink& sink) {
    const std::string_view address = address_of(mount);
    for (std::size_t i = 0; i < mount.transports; ++i) {
      const std::string_view protocol = stats_.transports[mount.first_transport + i].protocol;
      if (is_new(seen_points_, {mount.device, protocol, address, mount.point}))
        sink.add(kPoint, {mount.device, protocol, address, mount.point}, 1);
      if (!is_new(seen_exports_, {mount.device, protocol, address})) break;
      add_export(mount, protocol, address, sink);
    }
  }

  void add_export(const NfsMount& mount, std::string_view protocol, std::string_view address, Sink& sink) {
    const std::string_view device = mount.device;
    const LabelId labels = sink.labels(kLabels, std::array{device, protocol, address});
    if (!std::isnan(mount.age)) sink.add(kAge, labels, mount.age);
    for (const Number& row : kByteCounts)
      if (mount.has_bytes) sink.add(row.family, labels, mount.bytes[row.place]);
    for (const Number& row : kEvents)
      if (mount.has_events) sink.add(row.family, labels, mount.events[row.place]);
    for (std::size_t i = 0; i < mount.transports; ++i) {
      const NfsTransport& transport = stats_.transports[mount.first_transport + i];
      const Digits<std::size_t> place(i);
      const std::array<std::string_view, 4> values = {device, protocol, address, place};
      const LabelId of_transport = sink.labels(kTransportLabels, values);
      for (const Number& row : kTransports) {
        const double number = transport.numbers[row.place];
        if (std::isnan(number)) continue;
        sink.add(row.family, of_transport,
                 row.place == kIdle ? std::fmod(number, static_cast<double>(kMantissa)) : number);
      }
    }
    for (std::size_t i = 0; i < mount.operations; ++i) {
      const NfsOperation& operation = stats_.operations[mount.first_operation + i];
      const LabelId of_operation = sink.labels(kOperationLabels, std::array{device, protocol, address, operation.name});
      for (const Number& row : kOperations) sink.add(row.family, of_operation, number_of(operation, row.place));
    }
  }

  static double number_of(const NfsOperation& operation, std::size_t place) {
    const std::uint64_t number = operation.numbers[place];
    if (place < kFirstTime) return static_cast<double>(number);
    return static_cast<double>(number % kMantissa) / (place < kErrors ? 1000.0 : 1.0);
  }

  std::string text_, places_text_;
  MountStats stats_;
  std::vector<Place> places_;
  std::vector<Key> seen_points_, seen_exports_;
};

const Registration kRegistration{{.name = "mountstats",
                                  .enabled = false,
                                  .help = "Traffic, operations and transports of mounted NFS exports.",
                                  .families = kFamilies,
                                  .make = make_collector<MountstatsCollector>}};

}  // namespace
}  // namespace vitalsd::mountstats
