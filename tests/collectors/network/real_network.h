// What a collector reports of the network namespace that the test is in, over netlink and from the files.
#pragma once

#include <set>
#include <sstream>
#include <string>

#include "core/netlink.h"
#include "tests/collectors/network/network_run.h"
#include "tests/fakes/own_network.h"

namespace vitalsd {

/// Its netlink source is its own: it shares no answer with an earlier run.
inline Host real_host(const Clock& clock, bool netlink) {
  Host host{.procfs = open_directory("/proc"), .sysfs = open_directory("/sys"), .clock = &clock};
  if (netlink) host.netlink = open_netlink();
  return host;
}

inline std::set<std::string> lines_of(const std::string& text) {
  std::set<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.insert(line);
  return lines;
}

/// What the two ways of reading differ in, line by line, but for lines that have `but_for`; empty: in nothing.
inline std::string difference(std::string_view collector, const std::string& but_for = "\1") {
  const Clock clock;
  const auto by_netlink = run_registered(collector, real_host(clock, true));
  const auto by_files = run_registered(collector, real_host(clock, false));
  if (!by_netlink.result) return "netlink: " + describe(by_netlink.result.error());
  if (!by_netlink.faults.empty()) return "netlink failed: " + by_netlink.faults[0].field;
  if (!by_files.result) return "files: " + describe(by_files.result.error());
  std::set<std::string> left = lines_of(by_files.text);
  if (left.empty()) return "nothing to compare";
  std::string out;
  for (const auto& line : lines_of(by_netlink.text)) {
    if (line.find(but_for) == std::string::npos && left.erase(line) == 0) out += "+" + line + "\n";
  }
  for (const auto& line : left) out += "-" + line + "\n";
  return out;
}

}  // namespace vitalsd
