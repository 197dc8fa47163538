// The daemon closes its own doors once it has started: no more privileges, no more rights than its collectors ask for.
//   sandbox.enter(config, surroundings, log); telemetry.sandbox(sandbox.report());
#pragma once

#include <array>
#include <string>
#include <vector>

#include "core/fd.h"
#include "core/powers.h"
#include "daemon/config/config.h"
#include "daemon/sandbox/sandbox_needs.h"
#include "daemon/service/log.h"

namespace vitalsd {

class Sandbox {
 public:
  /// How each step came out: "on", "off" (not asked for), or the short reason why not.
  struct Report {
    std::string no_new_privs = "off", capabilities = "off", seccomp = "off", landlock = "off";
  };
  struct Surroundings {
    std::vector<std::string> files;  ///< of the configuration, read again at a reload
    bool abstract_notify = false;    ///< the service manager listens on an abstract socket
  };

  /// Does what `config` says, as far as the kernel lets it, and logs what it does not. Once, while this is
  /// the process's only thread: what it does holds for this one and those that it starts.
  void enter(const Config& config, const Needs& needs, const Surroundings& surroundings, Log& log);

  const Report& report() const noexcept { return report_; }
  /// Logs, a line each, what of a new configuration takes a restart.
  void log_lacks(const Config& config, const Needs& needs, Log& log) const;
  /// Whether it is the sandbox that refuses a listener, which the start had not: the fault with the remedy added.
  std::string explain_refusal(const Config& config, std::string fault) const;

 private:
  void give_up_capabilities(const Config& config, const std::vector<std::string>& files);
  std::string lacks_of(Powers powers, const Config& config) const;

  Report report_;
  Config entered_;             ///< the configuration that it was made for
  Powers powers_;              ///< of its collectors
  Capabilities held_ = 0;      ///< permitted before
  Capabilities given_up_ = 0;  ///< of these
  std::vector<Fd> pins_;
};

}  // namespace vitalsd
