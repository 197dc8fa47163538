#include "collectors/process/sources/source_choice.h"

#include <fcntl.h>
#include <malloc.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "collectors/process/sources/bpf/bpf_source.h"
#include "collectors/process/sources/procfs_source.h"
#include "core/fd.h"

namespace vitalsd {
namespace {

// Whether the procfs shows our own process under the pid that we know.
bool is_our_procfs(CollectContext& context) {
  if (!context.host.procfs->is_kernel()) return false;
  const auto self = context.host.procfs->link("self", context.buffer);
  return self && *self == std::to_string(::getpid());
}

// The loader reports these as a kernel without types. 0, or the errno.
int missing_descriptors() {
  std::array<Fd, 16> spare;
  for (Fd& each : spare) {
    each.reset(::open("/", O_PATH | O_CLOEXEC));
    if (!each && is_exhausted(errno)) return errno;
  }
  return 0;
}

}  // namespace

SourceChoice::SourceChoice(const std::string& wanted, bool sum_threads)
    : source_(std::make_unique<ProcfsSource>(procfs_descriptor_budget(), sum_threads)),
      reason_(wanted == "procfs" ? "configured" : "the first round"),
      asked_for_bpf_(wanted == "bpf"),
      wants_bpf_(wanted != "procfs") {
  if (wanted != "auto" && wanted != "bpf" && wanted != "procfs") {
    throw OptionError("source", "must be auto, bpf or procfs, not \"" + wanted + "\"");
  }
}

ProcessSource& SourceChoice::choose(CollectContext& context) {
  const auto now = context.host.clock->steady();
  tried_ = wants_bpf_ && (rounds_++ == 1 || (lack_ && retry_.due(now)));
  if (tried_) {
    retry_.asked(now);
    lack_.reset();
    try_bpf(context);
  }
  if (lack_) {
    context.faults.partial("process_groups", "bpf", *lack_, "raise the limit of descriptors (LimitNOFILE=) or memory");
  }
  return *source_;
}

void SourceChoice::try_bpf(CollectContext& context) {
  if (!is_our_procfs(context)) {
    reason_ = "procfs is not that of this machine";
    return;
  }
  if (const int sys = missing_descriptors(); sys != 0) {
    reason_ = "no descriptors for it";
    lack_ = Error{Errc::io, sys, "bpf iterator"};
    return;
  }
  std::string why;
  auto source = open_bpf_source(context.host.units, why);
  if (source) {
    source_ = std::move(*source);
    reason_ = "available";
    wants_bpf_ = false;
    ::malloc_trim(0);  // loading takes much more memory than what stays
    return;
  }
  reason_ = std::move(why);
  if (is_exhausted(source.error().sys)) {
    lack_ = Error{Errc::io, source.error().sys, source.error().where};
    return;
  }
  // If the choice was left to the daemon, a kernel or build without BPF is not a fault.
  if (is_gone(source.error()) && !asked_for_bpf_) return;
  const Error refused{Errc::denied, source.error().sys, source.error().where};
  context.faults.partial("process_groups", "bpf", asked_for_bpf_ ? refused : source.error(), reason_);
}

}  // namespace vitalsd
