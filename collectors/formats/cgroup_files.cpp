#include "collectors/formats/cgroup_files.h"

#include <algorithm>

namespace vitalsd {
namespace {

// Version 1 rounds the largest number down to a page: 0x7ffffffffffff000.
constexpr std::uint64_t kNoLimit = std::uint64_t{1} << 62U;

Result<CgroupDevice*> device_of(std::string_view number, std::string_view format, std::vector<CgroupDevice>& out) {
  const std::size_t colon = number.find(':');
  if (colon == std::string_view::npos) return fail(Errc::malformed, format);
  const auto major = parse_number<std::uint32_t>(number.substr(0, colon), format);
  const auto minor = parse_number<std::uint32_t>(number.substr(colon + 1), format);
  if (!major || !minor) return fail(Errc::malformed, format);
  const auto known = std::ranges::find_if(out, [&](const auto& d) { return d.major == *major && d.minor == *minor; });
  if (known != out.end()) return &*known;
  if (out.size() == cgroup_files::kMostDevices) return fail(Errc::malformed, format);
  out.push_back({.major = *major, .minor = *minor});
  return &out.back();
}

struct IoKey {
  std::string_view name;
  double CgroupDevice::* member;
};
constexpr IoKey kIoKeys[] = {{"rbytes", &CgroupDevice::read_bytes},
                             {"wbytes", &CgroupDevice::written_bytes},
                             {"rios", &CgroupDevice::reads},
                             {"wios", &CgroupDevice::writes}};

}  // namespace

Result<std::optional<std::uint64_t>> cgroup_files::limit(std::string_view text) {
  Scan scan(text, "cgroup limit");
  const std::string_view word = scan.word();
  if (!scan.ok()) return fail(scan.error());
  if (word == "max" || word == "-1") return std::nullopt;
  const auto value = parse_number<std::uint64_t>(word, "cgroup limit");
  if (!value) return fail(value.error());
  return *value >= kNoLimit ? std::nullopt : std::optional(*value);
}

Result<cgroup_files::CpuMax> cgroup_files::cpu_max(std::string_view text) {
  constexpr std::string_view kFormat = "cpu.max";
  Scan scan(text, kFormat);
  const auto quota = limit(scan.word());
  const auto period = scan.integer();
  if (!scan.ok() || !quota || period == 0) return fail(Errc::malformed, kFormat);
  return CpuMax{*quota, period};
}

Result<void> cgroup_files::io_stat(std::string_view text, std::vector<CgroupDevice>& out) {
  constexpr std::string_view kFormat = "io.stat";
  out.clear();
  for (Scan scan(text, kFormat); !scan.at_end();) {
    Scan line(scan.line(), kFormat);
    const std::string_view number = line.optional_word();
    if (number.empty()) continue;
    const auto device = device_of(number, kFormat, out);
    if (!device) return fail(device.error());
    for (std::string_view pair = line.optional_word(); !pair.empty(); pair = line.optional_word()) {
      const std::size_t equals = pair.find('=');
      const auto* key = std::ranges::find(kIoKeys, pair.substr(0, equals), &IoKey::name);
      if (equals == std::string_view::npos || key == std::end(kIoKeys)) continue;
      const auto value = parse_number<std::uint64_t>(pair.substr(equals + 1), kFormat);
      if (!value) return fail(value.error());
      (*device)->*key->member = static_cast<double>(*value);
    }
  }
  return {};
}

Result<void> cgroup_files::usage_per_cpu(std::string_view text, std::vector<double>& seconds) {
  constexpr std::string_view kFormat = "cpuacct.usage_percpu";
  constexpr double kNano = 1e-9;
  seconds.clear();
  Scan scan(text, kFormat);
  for (std::string_view word = scan.optional_word(); !word.empty(); word = scan.optional_word()) {
    const auto value = parse_number<std::uint64_t>(word, kFormat);
    if (!value || seconds.size() == kMostCpus) {
      seconds.clear();
      return fail(Errc::malformed, kFormat);
    }
    seconds.push_back(static_cast<double>(*value) * kNano);
  }
  return {};
}

Result<void> cgroup_files::blkio(std::string_view text, Blkio what, std::vector<CgroupDevice>& out) {
  constexpr std::string_view kFormat = "blkio";
  for (Scan scan(text, kFormat); !scan.at_end();) {
    Scan line(scan.line(), kFormat);
    const std::string_view number = line.optional_word(), kind = line.optional_word();
    if (number.empty() || number == "Total" || (kind != "Read" && kind != "Write")) continue;
    const std::uint64_t value = line.integer();
    if (!line.ok()) return fail(line.error());
    const auto device = device_of(number, kFormat, out);
    if (!device) return fail(device.error());
    const bool read = kind == "Read", bytes = what == Blkio::bytes;
    double& field = bytes ? (read ? (*device)->read_bytes : (*device)->written_bytes)
                          : (read ? (*device)->reads : (*device)->writes);
    field = static_cast<double>(value);
  }
  return {};
}

}  // namespace vitalsd
