// The formats of storage and devices below /proc and /sys: the first byte says which one the rest is.
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "collectors/formats/bcachefs_files.h"
#include "collectors/formats/human_size.h"
#include "collectors/formats/kstat.h"
#include "collectors/formats/mountstats.h"
#include "collectors/formats/pci_ids.h"
#include "tests/fuzz/line_rule.h"

namespace {

vitalsd::NoFaults no_faults;

void require(bool holds) {
  if (!holds) std::abort();
}

void check_kstat(std::string_view text) {
  using namespace vitalsd;
  require_line_rule(text, "name type data\n", [](std::string_view lines) {
    std::vector<Kstat> all;
    std::string_view dataset;
    Samples samples;
    if (!kstat::parse(lines, all, dataset, no_faults)) return samples;
    for (const Kstat& each : all) samples[std::string(each.name)] = each.value;
    return samples;
  });
  std::vector<Kstat> row;
  if (kstat::parse_io(text, row)) require(!row.empty() && row.front().name == "nread");
}

void check_bcachefs(std::string_view text) {
  using namespace vitalsd;
  std::vector<BcachefsRow> rows;
  for (const auto parse :
       {bcachefs_files::parse_compression, bcachefs_files::parse_writes, bcachefs_files::parse_errors,
        bcachefs_files::parse_io_done, bcachefs_files::parse_io_errors}) {
    if (!parse(text, rows, no_faults)) continue;
    for (const BcachefsRow& row : rows)
      require(!row.name.empty() && std::isfinite(row.first) && row.first >= 0 && std::isfinite(row.second));
  }
  require_line_rule(text, {}, [](std::string_view lines) {
    std::vector<BcachefsRow> all;
    Samples samples;
    if (!bcachefs_files::parse_errors(lines, all, no_faults)) return samples;
    for (const BcachefsRow& row : all) samples[std::string(row.name)] = row.first;
    return samples;
  });
  (void)bcachefs_files::parse_counter(text);
}

void check_mountstats(std::string_view text) {
  using namespace vitalsd;
  MountStats stats;
  if (!mountstats::parse(text, stats, no_faults)) return;
  std::size_t transports = 0, operations = 0;
  for (const NfsMount& mount : stats.mounts) {
    require(!mount.device.empty() && !mount.point.empty());
    require(mount.first_transport == transports && mount.first_operation == operations);
    transports += mount.transports;
    operations += mount.operations;
  }
  require(transports == stats.transports.size() && operations == stats.operations.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vitalsd;
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0]) {
    case 'z': check_kstat(text); break;
    case 'b': check_bcachefs(text); break;
    case 'm': check_mountstats(text); break;
    case 'p': {
      std::array<PciNames, 2> names = {
          {{.vendor = 0x8086, .device = 1, .subsystem_vendor = 0x8086, .subsystem_device = 2}, {.of_class = 0x010802}}};
      pci_ids::look_up(text, names);
      require(names[1].class_name.size() <= text.size() && names[1].device_name.size() <= text.size());
      break;
    }
    case 's':
      if (const auto value = human_size::of_bcache(text)) require(std::isfinite(*value));
      if (const auto value = human_size::of_bcachefs(text)) require(*value >= 0);
      break;
    default: break;
  }
  return 0;
}
