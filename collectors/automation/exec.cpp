// Collector `exec`: runs commands, each at its own interval, and reports what they print and how they fared. A run
// takes as long as its timeout lets it: it is started in one round, and taken when it wakes the collector by its end.
#include <poll.h>
#include <sys/timerfd.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "collectors/automation/command_families.h"
#include "collectors/automation/command_reading.h"
#include "collectors/automation/command_spec.h"
#include "collectors/automation/exec_families.h"
#include "collectors/automation/supervised_run.h"
#include "collectors/kit/wake_set.h"
#include "core/collector.h"

namespace vitalsd {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;
using namespace std::chrono_literals;

constexpr std::array kOptions = {
    OptionSpec{.name = "commands",
               .type = OptionType::records,
               .default_value = "",
               .help = "Commands to run for their output. They get no shell, an empty environment, no descriptor but "
                       "their own three, and are ended with all that they started when they are over, late, removed "
                       "by a reload, or when vitalsd ends.",
               .fields = kCommandFields,
               .enables = true},
    OptionSpec{"max_running", OptionType::integer, "4", "How many commands run at a time; others wait for their turn."},
};

constexpr std::string_view kRemedy = "run the command by hand as the daemon's user, and see collectors.exec.commands";
constexpr auto kHelpless = 5s;  // after the last signal; what is still there then waits for a device

struct Command {
  explicit Command(CommandSpec checked) : spec(std::move(checked)), launch(spec), facts{.name = spec.name} {}

  const CommandSpec spec;
  const Launch launch;
  std::unique_ptr<SupervisedRun> run;
  SteadyTime due{}, started{};
  bool is_stuck = false;
  ExecFacts facts;
  std::unique_ptr<CommandReading> reading = std::make_unique<CommandReading>();
};

// The end of what the program complained of, for a log line.
std::string last_words(std::string_view errors) {
  constexpr std::size_t kMost = 512;
  while (!errors.empty() && (errors.back() == '\n' || errors.back() == ' ')) errors.remove_suffix(1);
  if (errors.size() > kMost) errors.remove_prefix(errors.size() - kMost);
  return errors.empty() ? std::string() : ": " + std::string(errors);
}

class ExecCollector final : public Collector {
 public:
  explicit ExecCollector(const Options& options)
      : most_(static_cast<std::size_t>(std::clamp<std::int64_t>(options.integer("max_running"), 1, 1000))),
        timer_(required_fd(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK), "timerfd_create")) {
    for (CommandSpec& spec : read_command_specs(options.records("commands"))) commands_.emplace_back(std::move(spec));
  }

  Result<void> collect(CollectContext& context, Sink& sink) override {
    if (commands_.empty()) return {};
    std::uint64_t ticks = 0;
    (void)!::read(timer_.get(), &ticks, sizeof ticks);
    advance(context);
    // So that the first scrape, and --once, has what quick commands print.
    if (std::exchange(is_first_, false)) await(context);
    set_timer(context.host.clock->steady());
    for (const Command& command : commands_) publish_exec(sink, command.facts, *command.reading);
    families_.publish(sink);
    return {};
  }

  int wake_fd() const noexcept override { return commands_.empty() ? -1 : wake_.fd(); }

 private:
  // Takes what has ended, and starts what is due.
  void advance(CollectContext& context) {
    bool changed = false;
    for (Command& command : commands_) {
      if (command.run && command.run->is_over()) changed = take(command, context) || changed;
    }
    const SteadyTime now = context.host.clock->steady();
    start_due(now, context);
    for (Command& command : commands_) look_for_stuck(command, now, context);
    if (changed) rebuild(context.faults);
  }

  std::size_t running() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(commands_, [](const Command& command) { return command.run != nullptr; }));
  }

  // Who has waited longest comes first.
  void start_due(SteadyTime now, CollectContext& context) {
    for (std::size_t free = most_ - std::min(most_, running()); free > 0; --free) {
      Command* next = nullptr;
      for (Command& command : commands_) {
        const bool waits = !command.run && command.due <= now;
        if (waits && (next == nullptr || command.due < next->due)) next = &command;
      }
      if (next == nullptr) return;
      start(*next, now, context);
    }
  }

  void start(Command& command, SteadyTime now, CollectContext& context) {
    const bool on_time = command.due != SteadyTime{} && now - command.due < command.spec.interval;
    command.due = (on_time ? command.due : now) + command.spec.interval;
    command.started = now;
    command.is_stuck = false;
    auto run = SupervisedRun::start(command.spec, command.launch);
    if (!run) {
      ++command.facts.runs;
      command.facts.succeeded = false;
      return context.faults.partial(command.spec.name, "exec", run.error(), kRemedy);
    }
    command.run = std::move(*run);
    const auto added = wake_.add(command.run->fd(), "exec");
    if (!added) context.faults.partial(command.spec.name + ": its end is seen late", "exec", added.error(), kRemedy);
  }

  // What no signal ends is reported, and not started again until it is gone. A supervisor that does not keep the
  // deadline may have been stopped by the program.
  static void look_for_stuck(Command& command, SteadyTime now, CollectContext& context) {
    if (!command.run || command.is_stuck) return;
    if (now - command.started > command.spec.timeout) command.run->resume();
    if (now - command.started < command.spec.timeout + command.spec.grace + kHelpless) return;
    command.is_stuck = true;
    command.facts.succeeded = false;
    context.faults.partial(command.spec.name + ": cannot be killed", "exec", {Errc::timed_out, 0, "exec"},
                           "see what it waits for in /proc/PID/stack");
  }

  // Whether the values changed.
  bool take(Command& command, CollectContext& context) {
    const RunOutcome outcome = command.run->finish();
    command.run.reset();
    ExecFacts& facts = command.facts;
    ++facts.runs;
    facts.timeouts += outcome.timed_out ? 1 : 0;
    facts.has_ended = outcome.ended;
    facts.status = outcome.status;
    facts.duration = seconds(outcome.duration);
    facts.output_bytes = static_cast<double>(outcome.output.size());
    facts.last_run = unix_seconds(context.host.clock->now());
    if (outcome.escaped || outcome.left > 0) {
      context.faults.partial(command.spec.name + (outcome.escaped ? ": left processes behind that could not be killed"
                                                                  : ": left processes behind, which were killed"),
                             "processes", {Errc::io, 0, "exec"}, "a command must wait for what it starts");
    }
    auto reading = std::make_unique<CommandReading>();
    const Verdict verdict = judge(command.spec, outcome, *reading, context.faults);
    facts.succeeded = verdict.fault.empty();
    if (!facts.succeeded) {
      context.faults.partial(command.spec.name + ": " + verdict.fault + last_words(outcome.errors), "exec",
                             {verdict.code, outcome.error, outcome.step.empty() ? "exec" : outcome.step}, kRemedy);
      if (command.spec.keeps_values) return false;
      reading = std::make_unique<CommandReading>();
    }
    dropped_.push_back(std::move(command.reading));  // until the families that refer to it are made anew
    command.reading = std::move(reading);
    return true;
  }

  // What went wrong with a run; an empty fault for nothing.
  struct Verdict {
    Errc code = Errc::io;
    std::string fault;
  };
  static Verdict judge(const CommandSpec& spec, const RunOutcome& outcome, CommandReading& reading, FaultSink& faults) {
    if (!outcome.step.empty()) return {Errc::io, "could not be started"};
    if (outcome.timed_out) return {Errc::timed_out, "took longer than its timeout"};
    if (outcome.too_much) return {Errc::too_large, "printed more than output_limit"};
    if (outcome.canceled) return {Errc::io, "was ended from outside"};
    if (!outcome.ended) return {Errc::io, "its supervisor was killed"};
    if (WIFSIGNALED(outcome.status)) return {Errc::io, "ended by signal " + std::to_string(WTERMSIG(outcome.status))};
    const int code = WEXITSTATUS(outcome.status);
    if (!is_good_exit(spec.format, code)) return {Errc::io, "exit code " + std::to_string(code)};
    return {Errc::malformed, reading.read(spec, code, outcome.output, faults)};
  }

  void rebuild(FaultSink& faults) {
    std::vector<Contribution> all;
    for (const Command& command : commands_) all.push_back({&command.spec, command.reading.get()});
    families_.rebuild(all, faults);
    dropped_.clear();
  }

  void await(CollectContext& context) {
    const auto until = std::chrono::steady_clock::now() + (context.deadline - std::chrono::steady_clock::now()) * 3 / 4;
    while (running() > 0 && !context.stop.stop_requested() && std::chrono::steady_clock::now() < until) {
      pollfd polled{.fd = wake_.fd(), .events = POLLIN, .revents = 0};
      if (::poll(&polled, 1, 20) == 1) advance(context);
    }
  }

  // Wakes the collector when the next command is due. While as many run as may, it is an end that wakes it.
  void set_timer(SteadyTime now) {
    std::optional<SteadyTime> next;
    for (const Command& command : commands_) {
      if (!command.run && (!next || command.due < *next)) next = command.due;
    }
    itimerspec when{};
    if (next && running() < most_) {
      const auto left = std::max<std::chrono::nanoseconds>(*next - now, 1ms);
      when.it_value.tv_sec = std::chrono::floor<std::chrono::seconds>(left).count();
      when.it_value.tv_nsec = (left % 1s).count();
    }
    (void)::timerfd_settime(timer_.get(), 0, &when, nullptr);
  }

  const std::size_t most_;
  const Fd timer_;
  WakeSet wake_{timer_.get()};
  std::deque<Command> commands_;
  CommandFamilies families_;
  std::vector<std::unique_ptr<CommandReading>> dropped_;
  bool is_first_ = true;
};

const Registration kRegistration{{.name = "exec",
                                  .enabled = false,
                                  .help = "Commands that are run for their output, and how they fared.",
                                  .options = kOptions,
                                  .families = kExecFamilies,
                                  .make = make_configured<ExecCollector>,
                                  .powers = [](const Options& options, const Host&) {
                                    const auto& commands = options.records("commands");
                                    if (commands.empty()) return Powers{};
                                    const Powers powers{Power::run_programs};
                                    return names_user(commands) ? powers | Powers{Power::switch_users} : powers;
                                  }}};

}  // namespace
}  // namespace vitalsd
