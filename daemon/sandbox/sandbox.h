// Confines the daemon once it has started: it cannot gain privileges, and keeps only the rights its collectors need.
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
  /// The state of each part: "on", "off" (not asked for), or a short reason why it is not in force.
  struct Report {
    std::string no_new_privs = "off", capabilities = "off", seccomp = "off", landlock = "off";
  };
  struct Surroundings {
    std::vector<std::string> files;  ///< of the configuration, read again at a reload
    bool abstract_notify = false;    ///< the service manager listens on an abstract socket
  };

  /// Does what `config` asks for, as far as the kernel allows, and logs the parts that fail. To be called once, while
  /// the process has one thread: the restrictions hold for that thread and those that it starts later.
  void enter(const Config& config, const Needs& needs, const Surroundings& surroundings, Log& log);

  const Report& report() const noexcept { return report_; }
  /// Logs one line for each part of a new configuration that takes a restart.
  void log_lacks(const Config& config, const Needs& needs, Log& log) const;
  /// Returns `fault`, with the remedy added if the sandbox may be why a listener that is new since the start failed.
  std::string explain_refusal(const Config& config, std::string fault) const;

 private:
  void give_up_capabilities(const Config& config, const std::vector<std::string>& files);
  std::string lacks_of(Powers powers, const Config& config) const;

  Report report_;
  Config entered_;             ///< the configuration at enter()
  Powers powers_;              ///< of the collectors at enter()
  Capabilities held_ = 0;      ///< the permitted ones before enter()
  Capabilities given_up_ = 0;  ///< those of `held_` that are gone
  std::vector<Fd> pins_;
};

}  // namespace vitalsd
