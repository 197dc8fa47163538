#include "daemon/sandbox/sandbox_needs.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <span>
#include <utility>

#include "core/collector.h"
#include "daemon/sandbox/capabilities.h"
#include "exporters/http/address.h"

namespace vitalsd {
namespace {

struct Access {
  std::string path;
  int mode;
  Capabilities otherwise;  ///< needed where the file's mode forbids the access
};

// Not access(2), which checks for the real user, and for root as if all permitted capabilities were effective.
bool is_allowed(const Access& access) {
  return ::syscall(SYS_faccessat2, AT_FDCWD, access.path.c_str(), access.mode, AT_EACCESS) == 0 || errno == ENOENT;
}

// The records of a collector's option; none where it does not run.
std::span<const Record> records_of(const Config& config, std::string_view collector, std::string_view option) {
  const auto found = config.collectors.find(collector);
  if (found == config.collectors.end() || !found->second.enabled) return {};
  return found->second.options.records(option);
}

// What the daemon connects to.
std::vector<Record> requests_of(const Config& config) {
  std::vector<Record> all;
  for (const auto& [collector, option] : {std::pair{"probe", "targets"}, {"merge", "sources"}}) {
    const auto records = records_of(config, collector, option);
    all.insert(all.end(), records.begin(), records.end());
  }
  return all;
}

// The files that these read each time.
std::vector<std::string> probe_files(const Config& config) {
  std::vector<std::string> files;
  for (const Record& probe : requests_of(config)) {
    for (const std::string_view key : {"password_file", "bearer_token_file", "ca_file"}) {
      if (const auto file = probe.texts.find(key); file != probe.texts.end()) files.push_back(file->second);
    }
  }
  return files;
}

// The Unix sockets that it connects to, for which the kernel wants the right to write.
std::vector<std::string> probe_sockets(const Config& config) {
  std::vector<std::string> sockets;
  for (const Record& probe : requests_of(config)) {
    const auto target = probe.texts.find("target");
    if (target == probe.texts.end() || !target->second.starts_with("unix:")) continue;
    sockets.push_back(target->second.substr(5, target->second.find(":/", 5) - 5));
  }
  return sockets;
}

std::vector<Access> accesses_of(const Config& config, const std::vector<std::string>& files) {
  constexpr Capabilities kRead = capability(CAP_DAC_READ_SEARCH), kWrite = capability(CAP_DAC_OVERRIDE);
  std::vector<Access> all;
  for (const std::string& file : files) all.push_back({file, R_OK, kRead});
  for (const auto& [name, collector] : config.collectors) {
    for (const OptionSpec& option : find_collector(name)->options) {
      if (!option.section_file || collector.options.text(option.name).empty()) continue;
      all.push_back({collector.options.text(option.name), R_OK, kRead});
    }
  }
  for (std::string& file : probe_files(config)) all.push_back({std::move(file), R_OK, kRead});
  for (std::string& socket : probe_sockets(config)) all.push_back({std::move(socket), W_OK, kWrite});
  for (std::string& directory : socket_directories(config)) all.push_back({std::move(directory), W_OK | X_OK, kWrite});
  if (!config.paths.state.empty()) all.push_back({config.paths.state, W_OK | X_OK, kWrite});
  return all;
}

KernelVersion running_kernel() {
  utsname name{};
  KernelVersion version;
  if (::uname(&name) != 0 || std::sscanf(name.release, "%d.%d", &version.major, &version.minor) != 2) return {};
  return version;
}

}  // namespace

std::vector<std::string> socket_directories(const Config& config) {
  std::vector<std::string> directories;
  for (const auto* addresses : {&config.web.listen_addresses, &config.web.probe_addresses}) {
    for (const std::string& text : *addresses) {
      const std::string path = http::parse_address(text).path;
      if (!path.empty()) directories.push_back(path.substr(0, std::max<std::size_t>(path.rfind('/'), 1)));
    }
  }
  return directories;
}

std::vector<std::string> command_directories(const Config& config) {
  std::vector<std::string> directories;
  for (const Record& command : records_of(config, "exec", "commands")) {
    const auto writes = command.lists.find("writes");
    if (writes == command.lists.end()) continue;
    directories.insert(directories.end(), writes->second.begin(), writes->second.end());
  }
  return directories;
}

std::string written_by(Power power, const Config::Paths& paths) {
  if (power == Power::pressure_triggers) return paths.procfs + "/pressure";
  return power == Power::cgroup_triggers ? paths.cgroupfs : std::string();
}

std::vector<landlock::Writable> writable_of(const Config& config, Powers powers) {
  std::vector<landlock::Writable> all;
  if (!config.paths.state.empty()) all.push_back({config.paths.state, landlock::Rights::keep_files});
  for (std::string& directory : socket_directories(config)) {
    all.push_back({std::move(directory), landlock::Rights::keep_sockets});
  }
  if (powers.has(Power::run_programs)) {
    for (std::string& directory : command_directories(config)) {
      all.push_back({std::move(directory), landlock::Rights::keep_files});
    }
    all.push_back({"/dev/null", landlock::Rights::write_files});  // almost every shell script writes to it
  }
  for (const PowerSpec& spec : kPowers) {
    std::string directory = written_by(spec.power, config.paths);
    if (!powers.has(spec.power) || directory.empty()) continue;
    all.push_back({std::move(directory), landlock::Rights::write_files});
  }
  return all;
}

Capabilities own_capabilities(const Config& config, const std::vector<std::string>& files) {
  const auto held = capabilities::held();
  if (!held || held->effective == 0) return 0;
  const bool asked = capabilities::set_effective(*held, 0);
  Capabilities needed = 0;
  for (const Access& access : accesses_of(config, files)) {
    if (!asked || !is_allowed(access)) needed |= access.otherwise;
  }
  (void)capabilities::set_effective(*held, held->effective);
  return needed;
}

Capabilities capabilities_of(Powers powers) {
  const KernelVersion kernel = running_kernel();
  Capabilities all = 0;
  for (const PowerSpec& spec : kPowers) {
    if (powers.has(spec.power) && kernel < spec.free_since) all |= spec.capabilities;
  }
  return all;
}

}  // namespace vitalsd
