#include <array>
#include <cmath>

#include "collectors/host/joined.h"
#include "collectors/host/psi.h"
#include "core/collector.h"
#include "core/scan.h"

namespace vitalsd {

Result<Pressure> psi::parse(std::string_view text) {
  Scan scan(text, "pressure");
  Pressure pressure;
  while (!scan.at_end()) {
    Scan line(scan.line(), "pressure");
    const std::string_view kind = line.optional_word();
    double* const seconds = kind == "some" ? &pressure.some_seconds : kind == "full" ? &pressure.full_seconds : nullptr;
    if (seconds == nullptr) continue;
    constexpr std::string_view kTotal = "total=";
    std::string_view word;
    do {
      word = line.word();
    } while (line.ok() && !word.starts_with(kTotal));
    if (!line.ok()) return fail(line.error());
    const auto microseconds = parse_number<std::uint64_t>(word.substr(kTotal.size()), "pressure");
    if (!microseconds) return fail(microseconds.error());
    *seconds = static_cast<double>(*microseconds) / 1e6;
  }
  if (std::isnan(pressure.some_seconds) && std::isnan(pressure.full_seconds)) return fail(scan.error());
  return pressure;
}

namespace {

template <Literal Name, Literal What>
constexpr Family kSeconds{joined<"node_pressure_", Name, "_seconds_total">, Kind::counter,
                          joined<"Total time in seconds ", What>, "seconds"};
constexpr auto some = [](const Pressure& p) { return p.some_seconds; };
constexpr auto full = [](const Pressure& p) { return p.full_seconds; };

constexpr std::array kCpu = {
    Row<Pressure>{kSeconds<"cpu_waiting", "that processes have waited for CPU time">, some},
};
constexpr std::array kIo = {
    Row<Pressure>{kSeconds<"io_waiting", "that processes have waited due to IO congestion">, some},
    Row<Pressure>{kSeconds<"io_stalled", "no process could make progress due to IO congestion">, full},
};
constexpr std::array kMemory = {
    Row<Pressure>{kSeconds<"memory_waiting", "that processes have waited for memory">, some},
    Row<Pressure>{kSeconds<"memory_stalled", "no process could make progress due to memory congestion">, full},
};
constexpr std::array kIrq = {
    Row<Pressure>{kSeconds<"irq_stalled", "no process could make progress due to IRQ congestion">, full},
};
constexpr auto kFamilies = family_list<family_total(kCpu, kIo, kMemory, kIrq)>(kCpu, kIo, kMemory, kIrq);

struct Resource {
  std::string_view path;
  std::span<const Row<Pressure>> rows;
};
constexpr std::array kResources = {Resource{"pressure/cpu", kCpu}, Resource{"pressure/io", kIo},
                                   Resource{"pressure/memory", kMemory}, Resource{"pressure/irq", kIrq}};

class PressureCollector final : public Collector {
 public:
  Result<void> collect(CollectContext& context, Sink& sink) override {
    Error lacking{Errc::unavailable, 0, "pressure"};
    std::size_t found = 0;
    for (const Resource& resource : kResources) {
      const auto text = context.host.procfs->read(resource.path, context.buffer, Keep::yes);
      if (!text && text.error().code == Errc::unavailable) {
        if (text.error().sys != 0) lacking = text.error();  // "not supported" tells more than "no such file"
        continue;
      }
      if (!text) return fail(text.error());
      const auto pressure = psi::parse(*text);
      if (!pressure) return fail(pressure.error());
      sink.add_rows(resource.rows, *pressure);
      ++found;
    }
    if (found == 0) return fail(lacking);
    return {};
  }
};

const Registration kRegistration{{.name = "pressure",
                                  .help = "Time lost waiting for CPU, I/O, memory and interrupts (PSI).",
                                  .families = kFamilies,
                                  .make = make_collector<PressureCollector>}};

}  // namespace
}  // namespace vitalsd
