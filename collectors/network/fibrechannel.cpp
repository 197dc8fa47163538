#include <array>

#include "collectors/kit/attributes.h"
#include "core/collector.h"

namespace vitalsd {
namespace {

constexpr std::array<std::string_view, 1> kHost = {"fc_host"};
constexpr std::array<std::string_view, 11> kInfoLabels = {
    "fc_host",     "speed",         "port_state",        "port_type",        "port_id",     "port_name",
    "fabric_name", "symbolic_name", "supported_classes", "supported_speeds", "dev_loss_tmo"};
constexpr Family kInfo{"node_fibrechannel_info", Kind::gauge,
                       "Non-numeric data from /sys/class/fc_host/<host>, value is always 1.", "", kInfoLabels};
constexpr std::array kCounters = {
    Attribute{"statistics/dumped_frames",
              {"node_fibrechannel_dumped_frames_total", Kind::counter, "Number of dumped frames", "", kHost},
              1,
              0},
    Attribute{"statistics/error_frames",
              {"node_fibrechannel_error_frames_total", Kind::counter, "Number of errors in frames", "", kHost},
              1,
              0},
    Attribute{"statistics/fcp_packet_aborts",
              {"node_fibrechannel_fcp_packet_aborts_total", Kind::counter, "Number of aborted packets", "", kHost},
              1,
              0},
    Attribute{
        "statistics/invalid_crc_count",
        {"node_fibrechannel_invalid_crc_total", Kind::counter, "Invalid Cyclic Redundancy Check count", "", kHost},
        1,
        0},
    Attribute{"statistics/invalid_tx_word_count",
              {"node_fibrechannel_invalid_tx_words_total", Kind::counter,
               "Number of invalid words transmitted by host port", "", kHost},
              1,
              0},
    Attribute{"statistics/link_failure_count",
              {"node_fibrechannel_link_failure_total", Kind::counter, "Number of times the host port link has failed",
               "", kHost},
              1,
              0},
    Attribute{
        "statistics/loss_of_signal_count",
        {"node_fibrechannel_loss_of_signal_total", Kind::counter, "Number of times signal has been lost", "", kHost},
        1,
        0},
    Attribute{"statistics/loss_of_sync_count",
              {"node_fibrechannel_loss_of_sync_total", Kind::counter,
               "Number of failures on either bit or transmission word boundaries", "", kHost},
              1,
              0},
    Attribute{"statistics/nos_count",
              {"node_fibrechannel_nos_total", Kind::counter,
               "Number Not_Operational Primitive Sequence received by host port", "", kHost},
              1,
              0},
    Attribute{"statistics/rx_frames",
              {"node_fibrechannel_rx_frames_total", Kind::counter, "Number of frames received", "", kHost},
              1,
              0},
    Attribute{"statistics/rx_words",
              {"node_fibrechannel_rx_words_total", Kind::counter, "Number of words received by host port", "", kHost},
              1,
              0},
    Attribute{"statistics/seconds_since_last_reset",
              {"node_fibrechannel_seconds_since_last_reset_total", Kind::counter,
               "Number of seconds since last host port reset", "", kHost},
              1,
              0},
    Attribute{
        "statistics/tx_frames",
        {"node_fibrechannel_tx_frames_total", Kind::counter, "Number of frames transmitted by host port", "", kHost},
        1,
        0},
    Attribute{
        "statistics/tx_words",
        {"node_fibrechannel_tx_words_total", Kind::counter, "Number of words transmitted by host port", "", kHost},
        1,
        0},
};
constexpr auto kFamilies = family_list<family_total(kInfo, kCounters)>(kInfo, kCounters);

constexpr std::string_view kClass = "class/fc_host";
// What drivers write for a counter that they do not have: all ones (drivers/scsi/scsi_transport_fc.c).
constexpr double kNotCounted = 18446744073709551615.0;

class FibrechannelCollector final : public Collector {
 public:
  Result<void> collect(CollectContext& context, Sink& sink) override {
    if (const auto listed = context.host.sysfs->list(kClass, hosts_); !listed) return listed;
    for (std::size_t i = 0; i < hosts_.size(); ++i) {
      if (context.stop.stop_requested()) return fail(Errc::timed_out, kClass);
      add_host(context, sink, hosts_[i]);
    }
    return {};
  }

 private:
  void add_host(CollectContext& context, Sink& sink, std::string_view host) {
    directory_.assign(kClass).append("/").append(host);
    std::array<std::string_view, kInfoLabels.size()> info{host};
    for (std::size_t i = 1; i < kInfoLabels.size(); ++i) {
      std::string& text = texts_[i];
      info[i] = take_attribute(text, *context.host.sysfs, directory_, kInfoLabels[i], context, Keep::no);
      const bool hexadecimal = kInfoLabels[i] == "port_id" || kInfoLabels[i].ends_with("_name");
      if (hexadecimal && kInfoLabels[i] != "symbolic_name" && text.starts_with("0x")) info[i].remove_prefix(2);
    }
    sink.add(kInfo, sink.labels(kInfoLabels, info), 1);
    const std::array values = {host};
    const LabelId labels = sink.labels(kHost, values);
    for (const Attribute& counter : kCounters) {
      const auto value = read_number(*context.host.sysfs, directory_, counter.file, context, counter.base, Keep::no);
      if (value && *value != kNotCounted) sink.add(counter.family, labels, *value);
    }
  }

  Names hosts_;
  std::string directory_;
  std::array<std::string, kInfoLabels.size()> texts_;
};

const Registration kRegistration{{.name = "fibrechannel",
                                  .help = "Frames, words and errors of Fibre Channel hosts.",
                                  .families = kFamilies,
                                  .make = make_collector<FibrechannelCollector>}};

}  // namespace
}  // namespace vitalsd
