// The program: reads the command line and does what it says.
#include <malloc.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>

#include "daemon/app.h"
#include "daemon/config/load_config.h"
#include "daemon/config/masked.h"
#include "daemon/config/web_security.h"
#include "daemon/manual/migrate.h"
#include "daemon/manual/reference.h"
#include "daemon/service/resources.h"
#include "daemon/service/version.h"
#include "exporters/http/client.h"

namespace {

using namespace vitalsd;

ConfigSources sources_of(int argc, char** argv) {
  ConfigSources sources;
  sources.arguments.assign(argv + 1, argv + argc);
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::size_t equals = text.find('=');
    if (equals != std::string_view::npos) sources.environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return sources;
}

void mask_signals(int how) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, signal);
  pthread_sigmask(how, &set, nullptr);
}

int print(const std::string& text) {
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0 ? kExitOk
                                                                                                     : kExitFailed;
}

int print_faults(const LoadedConfig& loaded) {
  for (const auto& fault : loaded.faults) {
    std::fprintf(stderr, "%s\n%s", describe(fault).c_str(), fault.excerpt.c_str());
  }
  return loaded.faults.empty() ? kExitOk : kExitUsage;
}

int run(int argc, char** argv) {
  ConfigSources sources = sources_of(argc, argv);
  LoadedConfig loaded = load_config(sources);
  switch (loaded.command) {
    case Command::help: return print(help_text(loaded.help_all));
    case Command::version:
      return print("vitalsd " VITALSD_VERSION " (revision " VITALSD_REVISION ", " VITALSD_COMPILER ")\n");
    default: break;
  }
  if (loaded.command != Command::run) mask_signals(SIG_UNBLOCK);
  if (print_faults(loaded) != kExitOk) return kExitUsage;
  switch (loaded.command) {
    case Command::check_config: {
      const auto warnings = loaded.web ? loaded.web->warnings : std::vector<std::string>();
      for (const std::string& warning : warnings) std::fprintf(stderr, "warning: %s\n", warning.c_str());
      return kExitOk;
    }
    case Command::print_config: return print(loaded.printed);
    case Command::list_collectors: return print(collectors_text(loaded.config));
    case Command::reference: return print(reference_text(loaded.reference_format));
    case Command::migrate: {
      const auto migrated = conf::migrate(registered_collectors(), loaded.migrate_from, loaded.arguments);
      for (const std::string& warning : migrated.warnings) std::fprintf(stderr, "warning: %s\n", warning.c_str());
      return print(migrated.yaml);
    }
    case Command::healthcheck: {
      const auto answer = http::fetch(loaded.healthcheck_url, std::chrono::seconds(5), http::Trust::anyone);
      constexpr unsigned kOk = 200, kUnauthorized = 401;  // who asks for a password is alive
      if (answer && (answer->status == kOk || answer->status == kUnauthorized)) return kExitOk;
      const std::string what = answer ? "status " + std::to_string(answer->status) : answer.error();
      std::fprintf(stderr, "%s: %s\n", conf::masked_url(loaded.healthcheck_url).c_str(), what.c_str());
      return kExitFailed;
    }
    default: break;
  }
  if (const std::string lack = claim_descriptors(); !lack.empty()) {
    std::fprintf(stderr, "vitalsd: %s\n", lack.c_str());
    return kExitFailed;
  }
  if (loaded.command == Command::once) return App(std::move(sources), std::move(loaded)).run_once();
  return App(std::move(sources), std::move(loaded)).run();
}

}  // namespace

int main(int argc, char** argv) {
  mask_signals(SIG_BLOCK);  // until the loop can take them: a signal at any moment is handled, not fatal
  std::signal(SIGPIPE, SIG_IGN);
  end_clearly_without_memory();
  ::mallopt(M_ARENA_MAX, 1);  // few threads that allocate little: arenas of their own would only cost memory
  try {
    return run(argc, argv);
  } catch (const std::bad_alloc&) {
    std::terminate();  // which says so
  } catch (const std::exception& error) {
    std::fprintf(stderr, "vitalsd: %s\n", error.what());
    return kExitFailed;
  }
}
