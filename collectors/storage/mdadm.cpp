#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "collectors/kit/attributes.h"
#include "core/collector.h"
#include "core/scan.h"

namespace vitalsd {
namespace {

constexpr std::array<std::string_view, 1> kDevice = {"device"};
constexpr std::array<std::string_view, 2> kStateLabels = {"device", "state"};
constexpr std::array<std::string_view, 5> kStates = {"active", "inactive", "recovering", "resync", "check"};
constexpr std::size_t kMostArrays = 4096;

struct Array {
  std::string_view name, state;
  double required = 0, active = 0, failed = 0, spare = 0, blocks = 0, synced = 0;
};

constexpr std::array kRows = {
    Row<Array>{{"node_md_disks_required", Kind::gauge, "Total number of disks of device.", "", kDevice},
               [](const Array& a) { return a.required; }},
    Row<Array>{{"node_md_blocks", Kind::gauge, "Total number of blocks on device.", "", kDevice},
               [](const Array& a) { return a.blocks; }},
    Row<Array>{{"node_md_blocks_synced", Kind::gauge, "Number of blocks synced on device.", "", kDevice},
               [](const Array& a) { return a.synced; }},
};
constexpr Family kDisks{"node_md_disks", Kind::gauge, "Number of active/failed/spare disks of device.", "",
                        kStateLabels};
constexpr Family kState{"node_md_state", Kind::gauge, "Indicates the state of md-device.", "", kStateLabels};
constexpr Family kRaidDisks{"node_md_raid_disks", Kind::gauge, "Number of raid disks on device.", "", kDevice};
constexpr Family kDegraded{"node_md_degraded", Kind::gauge, "Number of degraded disks on device.", "", kDevice};
constexpr auto kFamilies = family_list<family_total(kRows, kDisks, kState, kRaidDisks, kDegraded)>(
    kRows, kDisks, kState, kRaidDisks, kDegraded);

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

double count(std::string_view text, std::string_view part) {
  double found = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + part.size())) ++found;
  return found;
}

// The two numbers of "[4/3]", or of "(16775552/195310144)".
struct Pair {
  double first, second;
};
std::optional<Pair> pair_in(std::string_view line, char open, char close) {
  for (std::size_t at = line.find(open); at != std::string_view::npos; at = line.find(open, at + 1)) {
    const std::size_t slash = line.find('/', at), end = line.find(close, at);
    if (end == std::string_view::npos) return {};
    if (slash >= end) continue;
    const auto first = parse_number<std::uint64_t>(line.substr(at + 1, slash - at - 1), "mdstat");
    const auto second = parse_number<std::uint64_t>(line.substr(slash + 1, end - slash - 1), "mdstat");
    if (first && second) return Pair{static_cast<double>(*first), static_cast<double>(*second)};
  }
  return {};
}

// The first line of an array: "md7 : active raid6 sdb1[0] sde1[3] sdc1[1](F)".
bool read_heading(std::string_view line, Array& array) {
  Scan words(line, "mdstat");
  array.name = words.word();
  words.expect(":");
  array.state = words.word();
  array.failed = count(line, "(F)");
  array.spare = count(line, "(S)");
  if (words.ok() && array.state != "inactive" && (contains(line, " raid0 ") || contains(line, " linear ")))
    array.required = array.active = count(line, "[");
  return words.ok();
}

// The second one: "7813735424 blocks super 1.2 level 6, 512k chunk, algorithm 2 [4/3] [U_UU]".
bool read_blocks(std::string_view line, Array& array) {
  Scan words(line, "mdstat");
  array.blocks = array.synced = static_cast<double>(words.skip_blanks().integer());
  words.expect("blocks");
  if (!words.ok()) return false;
  if (array.state == "inactive" || array.required > 0) return true;
  const auto disks = pair_in(line, '[', ']');
  if (!disks) return false;
  array.required = disks->first;
  array.active = disks->second;
  return true;
}

// Those that follow: a bitmap, or what is under way: "[=>...]  recovery =  8.5% (16775552/195310144) finish=...".
bool read_progress(std::string_view line, Array& array) {
  if (contains(line, "bitmap")) return true;
  const std::string_view state = contains(line, "recovery") ? "recovering"
                                 : contains(line, "resync") ? "resync"
                                 : contains(line, "check")  ? "check"
                                                            : std::string_view();
  if (state.empty()) return true;  // "reshape", which is no state there
  array.state = state;
  if (contains(line, "PENDING") || contains(line, "DELAYED")) {
    array.synced = 0;
    return true;
  }
  const auto blocks = pair_in(line, '(', ')');
  if (blocks) array.synced = blocks->first;
  return blocks.has_value() || contains(line, "REMOTE");
}

// One array that makes no sense costs itself.
Result<void> parse(std::string_view text, std::vector<Array>& out, FaultSink& faults) {
  out.clear();
  Array array;
  std::size_t lines_of = 0, seen = 0;  // of the array that is read; 0: none is
  bool good = true;
  const auto settle = [&] {
    if (lines_of == 0) return;
    if (good && lines_of > 1 && out.size() < kMostArrays) {
      out.push_back(array);
    } else {
      faults.partial(array.name.substr(0, 64), "mdstat", {Errc::malformed, 0, "mdstat"}, {});
    }
    lines_of = 0;
  };
  for (Scan scan(text, "mdstat"); !scan.at_end();) {
    const std::string_view line = scan.line();
    if (line.empty()) continue;
    if (line.front() != ' ' && line.front() != '\t') {
      settle();
      if (line.starts_with("Personalities") || line.starts_with("unused") || line.starts_with("read_ahead")) {
        ++seen;
        continue;
      }
      array = {};
      lines_of = 1;
      good = read_heading(line, array);
    } else if (lines_of > 0) {
      good = good && (lines_of == 1 ? read_blocks(line, array) : read_progress(line, array));
      ++lines_of;
    }
  }
  settle();
  if (out.empty() && seen == 0) return fail(Errc::malformed, "mdstat");
  return {};
}

class MdadmCollector final : public Collector {
 public:
  Result<void> collect(CollectContext& context, Sink& sink) override {
    const auto text = context.host.procfs->read("mdstat", text_, Keep::yes);
    if (!text) return fail(text.error());
    if (const auto parsed = parse(*text, arrays_, context.faults); !parsed) return parsed;
    for (const Array& array : arrays_) {
      sink.add_rows(kRows, array, sink.labels(kDevice, std::array{array.name}));
      sink.add(kDisks, {array.name, "active"}, array.active);
      sink.add(kDisks, {array.name, "failed"}, array.failed);
      sink.add(kDisks, {array.name, "spare"}, array.spare);
      for (const std::string_view state : kStates) sink.add(kState, {array.name, state}, state == array.state ? 1 : 0);
    }
    add_sysfs(context, sink);
    return {};
  }

 private:
  void add_sysfs(CollectContext& context, Sink& sink) {
    const FileSource& sysfs = *context.host.sysfs;
    if (!sysfs.list("block", names_)) return;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      const std::string_view name = names_[i];
      if (!name.starts_with("md")) continue;
      path_.assign("block/").append(name).append("/md");
      const auto disks = read_number(sysfs, path_, "raid_disks", context);
      if (!disks) continue;
      const auto degraded = read_number(sysfs, path_, "degraded", context);
      sink.add(kRaidDisks, {name}, *disks);
      // Levels without redundancy do not have the file: no disk of theirs can be degraded.
      if (degraded || degraded.error().code == Errc::unavailable) sink.add(kDegraded, {name}, degraded.value_or(0));
    }
  }

  std::string text_, path_;
  std::vector<Array> arrays_;
  Names names_;
};

const Registration kRegistration{{.name = "mdadm",
                                  .help = "States and disks of software RAID arrays.",
                                  .families = kFamilies,
                                  .make = make_collector<MdadmCollector>}};

}  // namespace
}  // namespace vitalsd
