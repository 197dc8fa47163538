#include <array>

#include "collectors/kit/digits.h"
#include "core/collector.h"
#include "core/lines.h"

namespace vitalsd {
namespace {

constexpr std::array<std::string_view, 1> kLabels = {"cpu"};

// A line of net/softnet_stat (softnet_seq_show() in net/core/net-procfs.c), in hexadecimal.
struct Softnet {
  static constexpr std::size_t kOldest = 9;     ///< columns of Linux 2.6.23
  static constexpr std::size_t kNumbered = 13;  ///< from here on (Linux 5.10) with backlog and the CPU's number
  std::array<std::uint32_t, kNumbered> columns{};
};

template <std::size_t Column>
double column(const Softnet& softnet) {
  return static_cast<double>(softnet.columns[Column]);
}

constexpr std::array kRows = {
    Row<Softnet>{{"node_softnet_processed_total", Kind::counter, "Number of processed packets", "", kLabels},
                 column<0>},
    Row<Softnet>{{"node_softnet_dropped_total", Kind::counter, "Number of dropped packets", "", kLabels}, column<1>},
    Row<Softnet>{{"node_softnet_times_squeezed_total", Kind::counter,
                  "Number of times processing packets ran out of quota", "", kLabels},
                 column<2>},
    Row<Softnet>{{"node_softnet_cpu_collision_total", Kind::counter,
                  "Number of collision occur while obtaining device lock while transmitting", "", kLabels},
                 column<8>},
    Row<Softnet>{
        {"node_softnet_received_rps_total", Kind::counter, "Number of times cpu woken up received_rps", "", kLabels},
        column<9>},
    Row<Softnet>{{"node_softnet_flow_limit_count_total", Kind::counter, "Number of times flow limit has been reached",
                  "", kLabels},
                 column<10>},
    Row<Softnet>{{"node_softnet_backlog_len", Kind::gauge, "Softnet backlog status", "", kLabels}, column<11>},
};
constexpr auto kFamilies = family_list<family_total(kRows)>(kRows);

class SoftnetCollector final : public Collector {
 public:
  Result<void> collect(CollectContext& context, Sink& sink) override {
    const auto text = context.host.procfs->read("net/softnet_stat", context.buffer, Keep::yes);
    if (!text) return fail(text.error());
    Lines lines(*text, "net/softnet_stat", context.faults);
    for (std::uint32_t number = 0; lines.next(); ++number) {
      // Columns that an old kernel does not have are 0, as node_exporter reports them.
      Softnet softnet;
      std::size_t width = 0;
      while (width < softnet.columns.size() && !lines->skip_blanks().at_end()) {
        softnet.columns[width++] = lines->integer<std::uint32_t>(16);
      }
      if (width < Softnet::kOldest) lines->set_failed();
      if (!lines.keep()) continue;
      const std::uint32_t cpu = width == Softnet::kNumbered ? softnet.columns.back() : number;
      const Digits digits(cpu);
      const std::array<std::string_view, 1> values = {digits};
      sink.add_rows(kRows, softnet, sink.labels(kLabels, values));
    }
    return lines.result();
  }
};

const Registration kRegistration{{.name = "softnet",
                                  .help = "Packets that each CPU took from the network devices.",
                                  .families = kFamilies,
                                  .never_waits = true,
                                  .make = make_collector<SoftnetCollector>}};

}  // namespace
}  // namespace vitalsd
