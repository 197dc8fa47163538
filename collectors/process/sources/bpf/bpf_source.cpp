#include "collectors/process/sources/bpf/bpf_source.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string_view>
#include <vector>

#include "collectors/formats/pid/pid_stat.h"
#include "collectors/process/sources/bpf/records.h"
#include "collectors/process/sources/bpf/refusal.h"
#include "collectors/process/sources/stat_sample.h"
#include "core/fd.h"

// The compiled program.
asm(".section .rodata.vitalsd_bpf,\"a\",@progbits\n"
    ".balign 16\n"
    ".global vitalsd_bpf_object\n"
    "vitalsd_bpf_object:\n"
    ".incbin \"" VITALSD_BPF_OBJECT
    "\"\n"
    ".global vitalsd_bpf_object_end\n"
    "vitalsd_bpf_object_end:\n"
    ".previous\n");
extern "C" const char vitalsd_bpf_object[];
extern "C" const char vitalsd_bpf_object_end[];

namespace vitalsd {
namespace {

static_assert(RLIMIT_NOFILE == 7, "process_iter.bpf.c reads that one");

constexpr std::string_view kWhere = "bpf iterator";

struct Destroy {
  void operator()(bpf_object* object) const noexcept { ::bpf_object__close(object); }
  void operator()(bpf_link* link) const noexcept { ::bpf_link__destroy(link); }
};
using Object = std::unique_ptr<bpf_object, Destroy>;
using Link = std::unique_ptr<bpf_link, Destroy>;

struct Unmap {
  void operator()(ProcessControl* control) const noexcept { ::munmap(control, sizeof *control); }
};
using Control = std::unique_ptr<ProcessControl, Unmap>;

// The loaded program, with only what the kernel needs to keep it loaded.
struct Program {
  Link link;
  Control control;
};

// Receives libbpf's messages while a program is loaded; null otherwise.
thread_local std::string* words = nullptr;

int keep_words(libbpf_print_level level, const char* format, va_list arguments) {
  if (words == nullptr || level > LIBBPF_WARN) return 0;
  va_list again;
  va_copy(again, arguments);
  const int size = std::vsnprintf(nullptr, 0, format, again);
  va_end(again);
  if (size <= 0) return 0;
  const std::size_t before = words->size();
  words->resize(before + static_cast<std::size_t>(size) + 1);  // the verifier's log comes in one piece
  (void)std::vsnprintf(words->data() + before, static_cast<std::size_t>(size) + 1, format, arguments);
  words->pop_back();
  return size;
}

// The verifier's reason is the line before its statistics. Without a log, libbpf's first message is closest to the
// cause.
std::string_view reason_in(std::string_view text) {
  std::string_view first, last;
  for (bool log = false; !text.empty();) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty()) continue;
    if (first.empty()) first = line;
    if (line.find("END PROG LOAD LOG") != std::string_view::npos) break;
    if (log && !line.starts_with("processed ")) last = line;
    log = log || line.find("BEGIN PROG LOAD LOG") != std::string_view::npos;
  }
  return last.empty() ? first : last;
}

class BpfSource final : public ProcessSource {
 public:
  BpfSource(const Units& units, Program program) : program_(std::move(program)), records_(units), buffer_(kBuffer) {}

  std::string_view name() const noexcept override { return "bpf"; }

  Result<std::span<const ProcessSample>> scan(CollectContext& context) override {
    const auto init = lacks_init_ ? read_init(context) : std::nullopt;
    const auto samples = pass(context, init ? &*init : nullptr);
    const bool there = !samples || lacks_init_ || (!samples->empty() && samples->front().id.pid == 1);
    if (there) return samples;
    lacks_init_ = true;
    return scan(context);
  }

  Result<void> detail(CollectContext&, ProcessSample&) override { return {}; }

 private:
  Result<std::span<const ProcessSample>> pass(CollectContext& context, const ProcessSample* init) {
    const std::uint32_t round = ++program_.control->round;
    const Fd pass(::bpf_iter_create(::bpf_link__fd(program_.link.get())));
    if (!pass) return fail(classify_errno(errno), kWhere, errno);
    const auto read = records_.read(pass.get(), buffer_, context.stop, init);
    if (!read) program_.control->since = round + 1;
    return read;
  }

  // Some kernels leave out process 1, which inherits all orphans and their times. Its stat file has enough.
  static std::optional<ProcessSample> read_init(CollectContext& context) {
    const auto text = context.host.procfs->read("1/stat", context.buffer);
    const auto stat = text ? pid_stat::parse(*text) : Result<PidStat>(fail(text.error()));
    return stat ? std::optional(sample_of(*stat, context.host.units)) : std::nullopt;
  }

  // The kernel returns at most 8 pages at a time (kernel/bpf/bpf_iter.c bpf_seq_read()).
  static constexpr std::size_t kBuffer = std::size_t{64} << 10U;

  Program program_;
  Records records_;
  std::vector<char> buffer_;
  bool lacks_init_ = false;
};

Result<Program> load() {
  const auto size = static_cast<std::size_t>(vitalsd_bpf_object_end - vitalsd_bpf_object);
  LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = "vitalsd");
  const Object object(::bpf_object__open_mem(vitalsd_bpf_object, size, &options));
  if (!object || ::bpf_object__load(object.get()) != 0) return fail(Errc::unavailable, kWhere, errno);
  const bpf_program* program = ::bpf_object__find_program_by_name(object.get(), "vitalsd_processes");
  if (program == nullptr) return fail(Errc::unavailable, kWhere, ENOENT);
  Link link(::bpf_program__attach_iter(program, nullptr));
  if (!link) return fail(Errc::unavailable, kWhere, errno);
  const bpf_map* map = ::bpf_object__find_map_by_name(object.get(), ".data.control");
  if (map == nullptr) return fail(Errc::unavailable, kWhere, ENOENT);
  void* memory = ::mmap(nullptr, sizeof(ProcessControl), PROT_READ | PROT_WRITE, MAP_SHARED, ::bpf_map__fd(map), 0);
  if (memory == MAP_FAILED) return fail(Errc::unavailable, kWhere, errno);
  return Program{std::move(link), Control(static_cast<ProcessControl*>(memory))};
}

}  // namespace

Result<std::unique_ptr<ProcessSource>> open_bpf_source(const Units& units, std::string& why) {
  std::string said;
  ::libbpf_set_print(keep_words);
  words = &said;
  auto program = load();
  words = nullptr;
  if (!program) {
    const int sys = program.error().sys;
    why = explain(Refusal::seen(sys, reason_in(said)));
    return fail(sys == EPERM || sys == EACCES ? Errc::denied : Errc::unavailable, kWhere, sys);
  }
  return std::make_unique<BpfSource>(units, std::move(*program));
}

bool has_bpf_source() noexcept { return true; }

}  // namespace vitalsd
