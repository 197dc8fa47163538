#include "daemon/sandbox/seccomp.h"

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstddef>

#include "daemon/sandbox/sandbox_step.h"
#include "daemon/sandbox/seccomp_rules.h"

namespace vitalsd::seccomp {
namespace {

#if defined(__x86_64__) && !defined(__ILP32__)
constexpr std::uint32_t kMachine = AUDIT_ARCH_X86_64;
constexpr std::uint32_t kForeign = 0x4000'0000;  // x32 system calls have this bit
#elif defined(__aarch64__)
constexpr std::uint32_t kMachine = AUDIT_ARCH_AARCH64;
constexpr std::uint32_t kForeign = 0;
#else
constexpr std::uint32_t kMachine = 0;
constexpr std::uint32_t kForeign = 0;
#endif
constexpr bool kKnown = kMachine != 0 && std::endian::native == std::endian::little;

constexpr sock_filter statement(unsigned code, std::uint32_t value) {
  return {static_cast<std::uint16_t>(code), 0, 0, value};
}
constexpr sock_filter jump(unsigned code, std::uint32_t value, std::size_t if_true, std::size_t if_false) {
  return {static_cast<std::uint16_t>(BPF_JMP | BPF_K | code), static_cast<std::uint8_t>(if_true),
          static_cast<std::uint8_t>(if_false), value};
}
constexpr sock_filter load(std::size_t offset) {
  return statement(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset));
}
constexpr sock_filter refuse(int error) {
  return statement(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(error));
}

// Indexed by Test: the jump instruction, and whether its jump is taken when the test holds.
struct Jump {
  unsigned code;
  bool holds;
};
constexpr std::array<Jump, 5> kJumps = {
    {{BPF_JEQ, true}, {BPF_JEQ, false}, {BPF_JGT, true}, {BPF_JSET, true}, {BPF_JSET, false}}};

constexpr std::size_t length_of(const Condition& condition) { return condition.mask == ~0U ? 2 : 3; }

// Appends the conditions of a rule whose number matches. One that holds goes on to the next; one that does not jumps
// past the refusal.
void append_conditions(std::vector<sock_filter>& program, std::span<const Condition> when, std::uint32_t self) {
  std::size_t left = 0;
  for (const Condition& condition : when) left += length_of(condition);
  for (const Condition& condition : when) {
    left -= length_of(condition);
    program.push_back(load(offsetof(seccomp_data, args) + condition.argument * sizeof(std::uint64_t) +
                           (condition.high ? sizeof(std::uint32_t) : 0)));
    if (condition.mask != ~0U) program.push_back(statement(BPF_ALU | BPF_AND | BPF_K, condition.mask));
    const Jump& test = kJumps[static_cast<std::size_t>(condition.test)];
    const std::size_t past = left + 1;
    program.push_back(jump(test.code, condition.value == kSelf ? self : condition.value, test.holds ? 0 : past,
                           test.holds ? past : 0));
  }
}

void append_rule(std::vector<sock_filter>& program, const Rule& rule, std::uint32_t self) {
  const std::size_t at = program.size();
  program.push_back(jump(BPF_JEQ, rule.number, 0, 0));
  append_conditions(program, rule.when, self);
  program.push_back(refuse(rule.error));
  if (!rule.when.empty()) program.push_back(load(offsetof(seccomp_data, nr)));
  program[at].jf = static_cast<std::uint8_t>(program.size() - at - 1);
}

bool is_done(Deed deed, const Doing& doing) {
  switch (deed) {
    case Deed::bpf: return doing.powers.has(Power::bpf);
    case Deed::perf_events: return doing.powers.has(Power::perf_events);
    case Deed::write_files: return doing.writes_files();
    case Deed::keep_files: return doing.keeps_files;
    case Deed::seek: return doing.powers.has(Power::bpf) || doing.powers.has(Power::run_programs);
    case Deed::run_programs: return doing.powers.has(Power::run_programs);
    case Deed::switch_users: return doing.powers.has(Power::switch_users);
  }
  return true;
}

}  // namespace

std::vector<sock_filter> program_for(const Doing& doing, pid_t self) {
  std::vector<sock_filter> program;
  if (!kKnown) return program;
  program.push_back(load(offsetof(seccomp_data, arch)));
  program.push_back(jump(BPF_JEQ, kMachine, 1, 0));
  program.push_back(refuse(EPERM));
  program.push_back(load(offsetof(seccomp_data, nr)));
  if (kForeign != 0) {
    program.push_back(jump(BPF_JGE, kForeign, 0, 1));
    program.push_back(refuse(EPERM));
  }
  for (const Rule& rule : rules()) {
    if (!rule.unless || !is_done(*rule.unless, doing)) append_rule(program, rule, static_cast<std::uint32_t>(self));
  }
  program.push_back(statement(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  return program;
}

std::string install(const std::vector<sock_filter>& program) {
  if (program.empty()) return "not for this machine";
  const sock_fprog filter{static_cast<unsigned short>(program.size()), const_cast<sock_filter*>(program.data())};
  const long done = ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter);
  if (done > 0) return "a thread has a filter of its own";
  return done == 0 ? std::string(kStepOn) : describe_step_error(errno);
}

std::vector<std::string_view> refused() {
  std::vector<std::string_view> names;
  for (const Rule& rule : rules()) {
    if (std::ranges::find(names, rule.name) == names.end()) names.push_back(rule.name);
  }
  return names;
}

}  // namespace vitalsd::seccomp
