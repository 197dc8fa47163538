// The kernel's clock discipline, as adjtimex(2) reports it. Reading needs no privilege.
#include <sys/timex.h>

#include <array>
#include <cerrno>
#include <cmath>

#include "core/collector.h"

namespace vitalsd {
namespace {

constexpr double kMicro = 1e6;
constexpr double kScaledPpm = 1e6 * 65536;  // see NOTES in adjtimex(2)
// A larger offset is an artefact of the kernel's arithmetic: 2^32 ns with paravirtual clocks.
constexpr double kImpossibleOffset = 4;

struct Reading {
  timex kernel{};
  int state = 0;
  double overflows = 0;
  double fraction() const { return (kernel.status & STA_NANO) != 0 ? 1e9 : kMicro; }
  double offset() const { return static_cast<double>(kernel.offset) / fraction(); }
};

constexpr std::array kRows = {
    Row<Reading>{{"node_timex_offset_seconds", Kind::gauge, "Time offset in between local system and reference clock.",
                  "seconds"},
                 [](const Reading& r) { return r.offset(); }},
    Row<Reading>{{"node_timex_frequency_adjustment_ratio", Kind::gauge, "Local clock frequency adjustment."},
                 [](const Reading& r) { return 1 + static_cast<double>(r.kernel.freq) / kScaledPpm; }},
    Row<Reading>{{"node_timex_maxerror_seconds", Kind::gauge, "Maximum error in seconds.", "seconds"},
                 [](const Reading& r) { return static_cast<double>(r.kernel.maxerror) / kMicro; }},
    Row<Reading>{{"node_timex_estimated_error_seconds", Kind::gauge, "Estimated error in seconds.", "seconds"},
                 [](const Reading& r) { return static_cast<double>(r.kernel.esterror) / kMicro; }},
    Row<Reading>{{"node_timex_status", Kind::gauge, "Value of the status array bits."},
                 [](const Reading& r) { return static_cast<double>(r.kernel.status); }},
    Row<Reading>{{"node_timex_loop_time_constant", Kind::gauge, "Phase-locked loop time constant."},
                 [](const Reading& r) { return static_cast<double>(r.kernel.constant); }},
    Row<Reading>{{"node_timex_tick_seconds", Kind::gauge, "Seconds between clock ticks.", "seconds"},
                 [](const Reading& r) { return static_cast<double>(r.kernel.tick) / kMicro; }},
    Row<Reading>{{"node_timex_pps_frequency_hertz", Kind::gauge, "Pulse per second frequency."},
                 [](const Reading& r) { return static_cast<double>(r.kernel.ppsfreq) / kScaledPpm; }},
    Row<Reading>{{"node_timex_pps_jitter_seconds", Kind::gauge, "Pulse per second jitter.", "seconds"},
                 [](const Reading& r) { return static_cast<double>(r.kernel.jitter) / r.fraction(); }},
    Row<Reading>{{"node_timex_pps_shift_seconds", Kind::gauge, "Pulse per second interval duration.", "seconds"},
                 [](const Reading& r) { return static_cast<double>(r.kernel.shift); }},
    Row<Reading>{{"node_timex_pps_stability_hertz", Kind::gauge,
                  "Pulse per second stability, average of recent frequency changes."},
                 [](const Reading& r) { return static_cast<double>(r.kernel.stabil) / kScaledPpm; }},
    Row<Reading>{
        {"node_timex_pps_jitter_total", Kind::counter, "Pulse per second count of jitter limit exceeded events."},
        [](const Reading& r) { return static_cast<double>(r.kernel.jitcnt); }},
    Row<Reading>{
        {"node_timex_pps_calibration_total", Kind::counter, "Pulse per second count of calibration intervals."},
        [](const Reading& r) { return static_cast<double>(r.kernel.calcnt); }},
    Row<Reading>{{"node_timex_pps_error_total", Kind::counter, "Pulse per second count of calibration errors."},
                 [](const Reading& r) { return static_cast<double>(r.kernel.errcnt); }},
    Row<Reading>{{"node_timex_pps_stability_exceeded_total", Kind::counter,
                  "Pulse per second count of stability limit exceeded events."},
                 [](const Reading& r) { return static_cast<double>(r.kernel.stbcnt); }},
    Row<Reading>{{"node_timex_tai_offset_seconds", Kind::gauge, "International Atomic Time (TAI) offset.", "seconds"},
                 [](const Reading& r) { return static_cast<double>(r.kernel.tai); }},
    Row<Reading>{
        {"node_timex_sync_status", Kind::gauge, "Is clock synchronized to a reliable server (1 = yes, 0 = no)."},
        [](const Reading& r) { return r.state == TIME_ERROR ? 0.0 : 1.0; }},
    Row<Reading>{{"node_timex_offset_overflow_total", Kind::counter,
                  "Count of adjtimex() offset readings indicating kernel overflow (|offset| > 4s). See "
                  "https://github.com/prometheus/node_exporter/issues/3764"},
                 [](const Reading& r) { return r.overflows; }},
};
constexpr auto kFamilies = family_list<family_total(kRows)>(kRows);

class TimexCollector final : public Collector {
 public:
  Result<void> collect(CollectContext&, Sink& sink) override {
    Reading reading;
    reading.state = ::adjtimex(&reading.kernel);  // modes 0: only reads
    if (reading.state < 0) {
      // A container's seccomp filter may reject even reading.
      return fail(errno == EPERM || errno == ENOSYS ? Errc::unavailable : Errc::io, "adjtimex", errno);
    }
    if (std::abs(reading.offset()) > kImpossibleOffset) ++overflows_;
    reading.overflows = overflows_;
    sink.add_rows(kRows, reading);
    return {};
  }

 private:
  double overflows_ = 0;
};

const Registration kRegistration{{.name = "timex",
                                  .help = "The kernel's clock discipline (adjtimex).",
                                  .families = kFamilies,
                                  .never_waits = true,
                                  .make = make_collector<TimexCollector>}};

}  // namespace
}  // namespace vitalsd
