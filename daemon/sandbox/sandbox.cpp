#include "daemon/sandbox/sandbox.h"

#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "core/collector.h"
#include "daemon/sandbox/capabilities.h"
#include "daemon/sandbox/landlock.h"
#include "daemon/sandbox/sandbox_needs.h"
#include "daemon/sandbox/sandbox_step.h"
#include "daemon/sandbox/seccomp.h"

namespace vitalsd {
namespace {

// Why Landlock is left out: under it, no file of another process that needs ptrace(2)'s permission can be read.
constexpr std::string_view kReadsProcesses = "reads other processes";

struct Step {
  std::string_view name;
  std::string Sandbox::Report::* state;
};
constexpr std::array kSteps = {
    Step{"no_new_privs", &Sandbox::Report::no_new_privs}, Step{"capabilities", &Sandbox::Report::capabilities},
    Step{"seccomp", &Sandbox::Report::seccomp}, Step{"landlock", &Sandbox::Report::landlock}};

std::string forbid_new_privileges() {
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ? std::string(kStepOn) : describe_step_error(errno);
}

// Whether the daemon, or a command that it runs, makes, renames and removes files.
bool keeps_files(const Config& config) {
  return !config.paths.state.empty() || !socket_directories(config).empty() || !command_directories(config).empty();
}

std::string restrict_files(const Config& config, Powers powers, bool abstract_sockets, std::vector<Fd>& pins) {
  if (powers.has(Power::read_processes)) return std::string(kReadsProcesses);
  return landlock::restrict({writable_of(config, powers), abstract_sockets, powers.has(Power::run_programs)}, pins);
}

void add(std::string& list, std::string_view item) {
  if (!item.empty()) list.append(list.empty() ? "" : ", ").append(item);
}

void add(std::string& list, Power power, std::string_view shut_by) {
  const auto spec = std::ranges::find(kPowers, power, &PowerSpec::power);
  add(list, std::string(spec->what).append(" (").append(shut_by).append(")"));
}

}  // namespace

void Sandbox::enter(const Config& config, const Needs& needs, const Surroundings& surroundings, Log& log) {
  entered_ = config;
  if (config.security.sandbox == kStepOff) return;
  for (const auto& [name, powers] : needs) powers_ = powers_ | powers;
  if (!config.paths.state.empty()) (void)::mkdir(config.paths.state.c_str(), 0700);  // later it could not be made
  report_.no_new_privs = forbid_new_privileges();
  report_.landlock = restrict_files(config, powers_, surroundings.abstract_notify, pins_);
  give_up_capabilities(config, surroundings.files);
  report_.seccomp = seccomp::install(seccomp::program_for({powers_, keeps_files(config)}, ::getpid()));
  for (const Step& step : kSteps) {
    const std::string& state = report_.*step.state;
    if (state == kStepOn || state == kReadsProcesses) continue;
    log.info("a part of the sandbox is not available", {{"part", step.name}, {"reason", state}});
  }
  log.debug("sandbox", {{"no_new_privs", report_.no_new_privs},
                        {"capabilities", report_.capabilities},
                        {"kept", capabilities::names_of(held_ & ~given_up_)},
                        {"seccomp", report_.seccomp},
                        {"landlock", report_.landlock}});
}

void Sandbox::give_up_capabilities(const Config& config, const std::vector<std::string>& files) {
  const Capabilities wanted = capabilities_of(powers_) | own_capabilities(config, files);
  const auto before = capabilities::held();
  report_.capabilities = capabilities::keep(wanted);
  const auto after = capabilities::held();
  if (before && after) {
    held_ = before->permitted;
    given_up_ = before->permitted & ~after->permitted;
  }
}

std::string Sandbox::lacks_of(Powers powers, const Config& config) const {
  std::string lacks;
  add(lacks, capabilities::names_of(capabilities_of(powers) & given_up_));
  const bool landlocked = report_.landlock == kStepOn, filtered = report_.seccomp == kStepOn;
  if (landlocked && powers.has(Power::read_processes)) add(lacks, Power::read_processes, "Landlock");
  for (const PowerSpec& spec : kPowers) {
    const std::string written = written_by(spec.power, config.paths);
    const bool open = powers_.has(spec.power) && written == written_by(spec.power, entered_.paths);
    if (!powers.has(spec.power) || written.empty() || open) continue;
    if (landlocked) add(lacks, spec.power, "Landlock");
    if (!landlocked && filtered && !seccomp::Doing{powers_, keeps_files(entered_)}.writes_files()) {
      add(lacks, spec.power, "seccomp");
    }
  }
  if (powers.has(Power::run_programs) && !powers_.has(Power::run_programs)) {
    if (landlocked) add(lacks, Power::run_programs, "Landlock");
    if (!landlocked && filtered) add(lacks, Power::run_programs, "seccomp");
  }
  const bool could = (held_ & capability(CAP_BPF)) != 0;
  if (filtered && could && powers.has(Power::bpf) && !powers_.has(Power::bpf)) add(lacks, Power::bpf, "seccomp");
  return lacks;
}

void Sandbox::log_lacks(const Config& config, const Needs& needs, Log& log) const {
  if (config.security.sandbox != entered_.security.sandbox) {
    log.warn("restart vitalsd: security.sandbox takes effect only at the start",
             {{"in_force", entered_.security.sandbox}});
  }
  for (const auto& [name, powers] : needs) {
    const std::string lacks = lacks_of(powers, config);
    if (lacks.empty()) continue;
    log.warn("restart vitalsd: its sandbox has given up what a collector needs",
             {{"collector", name}, {"lacks", lacks}});
  }
  const bool landlocked = report_.landlock == kStepOn;
  if (!landlocked && report_.seccomp == kStepOn && keeps_files(config) && !keeps_files(entered_)) {
    log.warn("restart vitalsd: its sandbox forbids it to make and remove files, which the start did not need",
             {{"paths.state", config.paths.state}});
  }
  const auto known = command_directories(entered_);
  for (const std::string& directory : command_directories(config)) {
    if (!landlocked || std::ranges::find(known, directory) != known.end()) continue;
    log.warn("restart vitalsd: its sandbox lets commands write to the directories of the start alone",
             {{"directory", directory}});
  }
  if (landlocked && config.paths.state != entered_.paths.state && !config.paths.state.empty()) {
    log.warn("restart vitalsd: its sandbox lets it write only to the state directory of the start",
             {{"paths.state", config.paths.state}});
  }
}

std::string Sandbox::explain_refusal(const Config& config, std::string fault) const {
  if (!fault.ends_with(std::generic_category().message(EACCES))) return fault;
  const auto is_new = [](const auto& known) {
    return [&known](const std::string& one) { return std::ranges::find(known, one) == known.end(); };
  };
  const auto directories = socket_directories(entered_);
  if (report_.landlock == kStepOn && std::ranges::any_of(socket_directories(config), is_new(directories))) {
    return fault + "; its sandbox lets vitalsd make sockets only in the directories of the start: restart it";
  }
  const bool lost = (given_up_ & capability(CAP_NET_BIND_SERVICE)) != 0;
  if (lost && std::ranges::any_of(config.web.listen_addresses, is_new(entered_.web.listen_addresses))) {
    return fault + "; its sandbox has given up CAP_NET_BIND_SERVICE, which the port needs: restart it";
  }
  return fault;
}

}  // namespace vitalsd
