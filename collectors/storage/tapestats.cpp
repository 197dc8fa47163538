// Collector `tapestats`: I/O of SCSI tape drives (/sys/class/scsi_tape/stN/stats, Documentation/scsi/st.rst).
#include <array>
#include <string>

#include "collectors/kit/attributes.h"
#include "collectors/kit/digits.h"
#include "collectors/kit/joined.h"
#include "collectors/kit/pattern.h"
#include "core/collector.h"

namespace vitalsd {
namespace {

constexpr std::string_view kClass = "class/scsi_tape";
constexpr std::array<std::string_view, 1> kDevice = {"device"};
constexpr double kNanosecond = 1e-9;

template <Literal File, Literal Name, Literal Help, Kind OfKind = Kind::counter>
constexpr Attribute kCounter{
    joined<"stats/", File>,
    {joined<"node_tape_", Name>, OfKind, joined<Help>,
     joined<Name>.ends_with("bytes_total") ? "bytes" : (joined<Name>.ends_with("seconds_total") ? "seconds" : ""),
     kDevice},
    joined<File>.ends_with("_ns") ? kNanosecond : 1};

constexpr std::array kCounters = {
    kCounter<"in_flight", "io_now", "The number of I/Os currently outstanding to this device.", Kind::gauge>,
    kCounter<"io_ns", "io_time_seconds_total",
             "The amount of time spent waiting for all I/O to complete (including read and write). This includes tape "
             "movement commands such as seeking between file or set marks and implicit tape movement such as when "
             "rewind on close tape devices are used.">,
    kCounter<"other_cnt", "io_others_total",
             "The number of I/Os issued to the tape drive other than read or write commands. The time taken to "
             "complete these commands uses the following calculation "
             "io_time_seconds_total-read_time_seconds_total-write_time_seconds_total">,
    kCounter<"read_byte_cnt", "read_bytes_total", "The number of bytes read from the tape drive.">,
    kCounter<"read_cnt", "reads_completed_total", "The number of read requests issued to the tape drive.">,
    kCounter<"read_ns", "read_time_seconds_total", "The amount of time spent waiting for read requests to complete.">,
    kCounter<"resid_cnt", "residual_total",
             "The number of times during a read or write we found the residual amount to be non-zero. This should mean "
             "that a program is issuing a read larger thean the block size on tape. For write not all data made it to "
             "tape.">,
    kCounter<"write_byte_cnt", "written_bytes_total", "The number of bytes written to the tape drive.">,
    kCounter<"write_cnt", "writes_completed_total", "The number of write requests issued to the tape drive.">,
    kCounter<"write_ns", "write_time_seconds_total",
             "The amount of time spent waiting for write requests to complete.">,
};
constexpr auto kFamilies = family_list<family_total(kCounters)>(kCounters);

constexpr std::array kOptions = {
    OptionSpec{"ignored_devices", OptionType::regex, "^$", "Devices to leave out."},
};

class TapestatsCollector final : public Collector {
 public:
  explicit TapestatsCollector(const Options& options) : devices_(make_filter(options, {}, "ignored_devices")) {}

  Result<void> collect(CollectContext& context, Sink& sink) override {
    const FileSource& sysfs = *context.host.sysfs;
    if (const auto listed = sysfs.list(kClass, names_); !listed) return listed;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      // nst0, st0a, st0l, st0m are the same drive.
      if (number_behind("st", names_[i]).empty() || !devices_.keeps(names_[i])) continue;
      path_.assign(kClass).append("/").append(names_[i]);
      add_attributes(kCounters, sysfs, path_, context, sink, sink.labels(kDevice, std::array{names_[i]}));
    }
    return {};
  }

 private:
  Filter devices_;
  Names names_;
  std::string path_;
};

const Registration kRegistration{{.name = "tapestats",
                                  .help = "I/O of tape drives.",
                                  .options = kOptions,
                                  .families = kFamilies,
                                  .make = make_configured<TapestatsCollector>}};

}  // namespace
}  // namespace vitalsd
