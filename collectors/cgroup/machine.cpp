#include "collectors/cgroup/machine.h"

#include <array>

#include "collectors/formats/cpu_list.h"

namespace vitalsd {
namespace {

constexpr std::array kRows = {
    Row<Machine>{{"machine_cpu_cores", Kind::gauge, "Number of logical CPU cores."},
                 [](const Machine& m) { return m.cores; }},
    Row<Machine>{{"machine_memory_bytes", Kind::gauge, "Amount of memory installed on the machine.", "bytes"},
                 [](const Machine& m) { return m.memory; }},
    Row<Machine>{{"machine_swap_bytes", Kind::gauge, "Amount of swap memory available on the machine.", "bytes"},
                 [](const Machine& m) { return m.swap; }},
};
constexpr auto kFamilies = family_list<kRows.size()>(kRows);

void told(CollectContext& context, std::string_view field, const Result<void>& result) {
  if (!result && !is_gone(result.error())) context.faults.partial("machine", field, result.error(), {});
}

}  // namespace

std::span<const Family* const> machine_families() { return kFamilies; }

void Machine::read(CollectContext& context) {
  cores = memory = swap = kAbsent;
  const auto online = context.host.sysfs->attribute("devices/system/cpu/online", context.buffer);
  const auto listed = online ? cpu_list::parse(*online, online_) : Result<void>(fail(online.error()));
  if (listed) cores = static_cast<double>(online_.size());
  told(context, "cpu/online", listed);
  const auto text = context.host.procfs->read("meminfo", context.buffer);
  const auto parsed = text ? meminfo::parse(*text, fields_, context.faults) : Result<void>(fail(text.error()));
  told(context, "meminfo", parsed);
  if (!parsed) return;
  for (const Field& field : fields_) {
    if (field.name == "MemTotal") memory = field.value;
    if (field.name == "SwapTotal") swap = field.value;
  }
}

void Machine::publish(Sink& sink) const { sink.add_rows(kRows, *this); }

}  // namespace vitalsd
