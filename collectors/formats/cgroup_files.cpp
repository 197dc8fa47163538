#include "collectors/formats/cgroup_files.h"

#include <algorithm>
#include <cmath>

namespace vitalsd {
namespace {

// No limit in version 1 is the largest number rounded down to a page: 0x7ffffffffffff000.
constexpr std::uint64_t kNoLimit = std::uint64_t{1} << 62U;

std::optional<CgroupDevice> parse_device(std::string_view number, std::string_view format) {
  const std::size_t colon = number.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto major = parse_number<std::uint32_t>(number.substr(0, colon), format);
  const auto minor = parse_number<std::uint32_t>(number.substr(colon + 1), format);
  if (!major || !minor) return std::nullopt;
  return CgroupDevice{.major = *major, .minor = *minor};
}

// Merges the values of `read` into `out`. Returns false if there are too many devices.
bool add(const CgroupDevice& read, std::vector<CgroupDevice>& out) {
  auto known = std::ranges::find_if(out, [&](const auto& d) { return d.major == read.major && d.minor == read.minor; });
  if (known == out.end()) {
    if (out.size() == cgroup_files::kMostDevices) return false;
    out.push_back(read);
    return true;
  }
  for (const auto member :
       {&CgroupDevice::read_bytes, &CgroupDevice::written_bytes, &CgroupDevice::reads, &CgroupDevice::writes}) {
    if (!std::isnan(read.*member)) *known.*member = read.*member;
  }
  return true;
}

struct IoKey {
  std::string_view name;
  double CgroupDevice::* member;
};
constexpr IoKey kIoKeys[] = {{"rbytes", &CgroupDevice::read_bytes},
                             {"wbytes", &CgroupDevice::written_bytes},
                             {"rios", &CgroupDevice::reads},
                             {"wios", &CgroupDevice::writes}};

// Reads "KEY=VALUE". Unused keys may have any value.
void read_pair(std::string_view pair, Scan& line, CgroupDevice& device) {
  const std::size_t equals = pair.find('=');
  const auto* key = std::ranges::find(kIoKeys, pair.substr(0, equals), &IoKey::name);
  if (equals == std::string_view::npos || key == std::end(kIoKeys)) return;
  const auto value = parse_number<std::uint64_t>(pair.substr(equals + 1), "io.stat");
  if (!value) return line.set_failed();
  device.*key->member = static_cast<double>(*value);
}

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

Result<void> cgroup_files::io_stat(std::string_view text, std::vector<CgroupDevice>& out, FaultSink& faults) {
  constexpr std::string_view kFormat = "io.stat";
  out.clear();
  if (text.empty()) return {};
  Lines lines(text, kFormat, faults);
  while (lines.next()) {
    auto device = parse_device(lines->word(), kFormat);
    if (!device) lines->set_failed();
    for (std::string_view word = lines->optional_word(); lines->ok() && !word.empty(); word = lines->optional_word()) {
      if (const auto next = parse_device(word, kFormat)) {
        if (!add(*device, out)) return fail(Errc::malformed, kFormat);
        device = next;
      } else {
        read_pair(word, *lines, *device);
      }
    }
    if (lines.keep() && !add(*device, out)) return fail(Errc::malformed, kFormat);
  }
  return lines.result();
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

Result<void> cgroup_files::blkio(std::string_view text, Blkio what, std::vector<CgroupDevice>& out, FaultSink& faults) {
  constexpr std::string_view kFormat = "blkio";
  if (text.empty()) return {};
  Lines lines(text, kFormat, faults);
  while (lines.next()) {
    const std::string_view number = lines->word(), kind = lines->word();
    if (lines->ok() && (number == "Total" || (kind != "Read" && kind != "Write"))) {
      lines.skip();
      continue;
    }
    const auto value = static_cast<double>(lines->integer());
    auto device = parse_device(number, kFormat);
    if (!device) lines->set_failed();
    if (!lines.keep()) continue;
    const bool read = kind == "Read";
    (what == Blkio::bytes ? (read ? device->read_bytes : device->written_bytes)
                          : (read ? device->reads : device->writes)) = value;
    if (!add(*device, out)) return fail(Errc::malformed, kFormat);
  }
  return lines.result();
}

}  // namespace vitalsd
