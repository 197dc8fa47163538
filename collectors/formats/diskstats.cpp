#include "collectors/formats/diskstats.h"

#include "core/lines.h"

namespace vitalsd::diskstats {
namespace {

constexpr std::size_t kFewest = DiskStats::discards;  // of a whole device, since Linux 2.6
constexpr std::size_t kMostDevices = 16384;

}  // namespace

Result<void> parse(std::string_view text, std::vector<DiskStats>& out, FaultSink& faults) {
  out.clear();
  if (text.empty()) return {};
  Lines lines(text, "diskstats", faults);
  while (out.size() < kMostDevices && lines.next()) {
    DiskStats disk;
    disk.major = lines->integer<std::uint32_t>();
    disk.minor = lines->integer<std::uint32_t>();
    disk.name = lines->word();
    while (lines->ok() && disk.count < DiskStats::kCounters && !lines->skip_blanks().at_end())
      disk.counters[disk.count++] = lines->integer();
    // Before Linux 2.6.25 partitions have four counters with other meanings.
    if (disk.count < kFewest) lines->set_failed();
    if (lines.keep(disk.name)) out.push_back(disk);
  }
  return lines.result();
}

}  // namespace vitalsd::diskstats
