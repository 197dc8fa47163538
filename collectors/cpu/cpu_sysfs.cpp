#include "collectors/cpu/cpu_sysfs.h"

#include <algorithm>

#include "collectors/formats/cpu_list.h"
#include "collectors/kit/digits.h"
#include "core/scan.h"

namespace vitalsd {
namespace {

constexpr std::string_view kRoot = "devices/system/cpu";

std::string below(std::string_view directory, std::string_view name) {
  return std::string(kRoot).append("/").append(directory).append("/").append(name);
}

// An attribute that is a whole number, as text; empty if it is anything else (-1 means unknown).
std::string number_in(const FileSource& sysfs, std::string& buffer, const std::string& path) {
  const auto text = sysfs.attribute(path, buffer);
  return text && parse_number<std::uint64_t>(*text, kRoot) ? std::string(*text) : std::string();
}

}  // namespace

void CpuSysfs::refresh(const FileSource& sysfs, std::string& buffer) {
  const auto text = sysfs.attribute("devices/system/cpu/online", buffer, Keep::yes);
  const std::string_view online = text ? *text : std::string_view();
  if (discovered_ && online == online_) return;
  online_ = online;
  discovered_ = discover(sysfs, buffer);
}

bool CpuSysfs::discover(const FileSource& sysfs, std::string& buffer) {
  cpus_.clear();
  throttles_.clear();
  isolated_.clear();
  if (const auto text = sysfs.attribute("devices/system/cpu/isolated", buffer)) {
    if (!cpu_list::parse(*text, isolated_)) isolated_.clear();
  }
  std::vector<std::uint32_t> online;
  const bool listed = cpu_list::parse(online_, online).has_value();
  has_online_ = listed && sysfs.attribute("devices/system/cpu/cpu0/online", buffer).has_value();

  Names names;
  if (const auto there = sysfs.list(kRoot, names); !there) return !is_passing(there.error());
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string_view digits = number_behind("cpu", names[i]);
    const auto number = parse_number<std::uint32_t>(digits, kRoot);
    if (!number) continue;
    cpus_.push_back({std::string(digits), std::ranges::binary_search(online, *number)});
    add_throttles(sysfs, buffer, names[i]);
  }
  return true;
}

void CpuSysfs::add_throttles(const FileSource& sysfs, std::string& buffer, std::string_view directory) {
  const std::string package = number_in(sysfs, buffer, below(directory, "topology/physical_package_id"));
  const std::string core = number_in(sysfs, buffer, below(directory, "topology/core_id"));
  if (package.empty() || core.empty()) return;
  const auto add = [&](std::string_view file, std::string_view of_core) {
    std::string path = below(directory, file);
    if (known(package, of_core) || number_in(sysfs, buffer, path).empty()) return;
    throttles_.push_back({std::move(path), package, std::string(of_core)});
  };
  add("thermal_throttle/core_throttle_count", core);
  add("thermal_throttle/package_throttle_count", {});
}

bool CpuSysfs::known(std::string_view package, std::string_view core) const {
  return std::ranges::any_of(throttles_, [&](const Throttle& t) { return t.package == package && t.core == core; });
}

}  // namespace vitalsd
