// Collector `wifi`: wireless interfaces, the stations that they talk to, and what they hear.
#include "core/collector.h"

#include <array>
#include <memory>
#include <set>

#include "collectors/kit/digits.h"
#include "collectors/kit/joined.h"
#include "collectors/kit/netlink_run.h"
#include "collectors/network/wifi/nl80211.h"
#include "collectors/network/wifi/wifi.h"

namespace vitalsd::wifi {
namespace {

constexpr std::array<std::string_view, 1> kDevice = {"device"};
constexpr std::array<std::string_view, 4> kInfoLabels = {"device", "bssid", "ssid", "mode"};
constexpr std::array<std::string_view, 2> kStationLabels = {"device", "mac_address"};
constexpr std::array<std::string_view, 2> kSurveyLabels = {"device", "frequency_mhz"};

constexpr Family kFrequency{"node_wifi_interface_frequency_hertz", Kind::gauge,
                            "The current frequency a WiFi interface is operating at, in hertz.", "", kDevice};
constexpr Family kInfo{"node_wifi_station_info", Kind::gauge,
                       "Labeled WiFi interface station information as provided by the operating system.", "",
                       kInfoLabels};

template <Literal Name, Literal Help, Kind OfKind, double Station::* Field>
constexpr Row<Station> kOfStation{{joined<"node_wifi_station_", Name>, OfKind, joined<Help>, "", kStationLabels},
                                  [](const Station& s) { return s.*Field; }};
constexpr std::array kStationRows = {
    kOfStation<"connected_seconds_total",
               "The total number of seconds a station has been connected to an access point.", Kind::counter,
               &Station::connected>,
    kOfStation<"inactive_seconds", "The number of seconds since any wireless activity has occurred on a station.",
               Kind::gauge, &Station::inactive>,
    kOfStation<"receive_bits_per_second", "The current WiFi receive bitrate of a station, in bits per second.",
               Kind::gauge, &Station::receive_rate>,
    kOfStation<"transmit_bits_per_second", "The current WiFi transmit bitrate of a station, in bits per second.",
               Kind::gauge, &Station::transmit_rate>,
    kOfStation<"receive_bytes_total", "The total number of bytes received by a WiFi station.", Kind::counter,
               &Station::received>,
    kOfStation<"transmit_bytes_total", "The total number of bytes transmitted by a WiFi station.", Kind::counter,
               &Station::transmitted>,
    kOfStation<"received_packets_total", "The total number of packets received by a station.", Kind::counter,
               &Station::received_packets>,
    kOfStation<"transmitted_packets_total", "The total number of packets transmitted by a station.", Kind::counter,
               &Station::transmitted_packets>,
    kOfStation<"signal_dbm", "The current WiFi signal strength, in decibel-milliwatts (dBm).", Kind::gauge,
               &Station::signal>,
    kOfStation<"transmit_retries_total", "The total number of times a station has had to retry while sending a packet.",
               Kind::counter, &Station::retries>,
    kOfStation<"transmit_failed_total", "The total number of times a station has failed to send a packet.",
               Kind::counter, &Station::failed>,
    kOfStation<"beacon_loss_total", "The total number of times a station has detected a beacon loss.", Kind::counter,
               &Station::beacon_losses>,
};

template <Literal Name, Literal Help, Kind OfKind, double Survey::* Field>
constexpr Row<Survey> kOfSurvey{{joined<"node_wifi_survey_", Name>, OfKind, joined<Help>, "", kSurveyLabels},
                                [](const Survey& s) { return s.*Field; }};
constexpr std::array kSurveyRows = {
    kOfSurvey<"noise_dbm", "The noise level in decibel-milliwatts (dBm).", Kind::gauge, &Survey::noise>,
    kOfSurvey<"channel_time_seconds", "The time the radio spent on the channel in seconds.", Kind::counter,
              &Survey::time>,
    kOfSurvey<"channel_time_active_seconds", "The time the radio spent on the channel while it was active in seconds.",
              Kind::counter, &Survey::active>,
    kOfSurvey<"channel_time_busy_seconds", "The time the radio spent on the channel while it was busy in seconds.",
              Kind::counter, &Survey::busy>,
    kOfSurvey<"channel_time_ext_busy_seconds",
              "The time the radio spent on the channel while it was busy with external traffic in seconds.",
              Kind::counter, &Survey::extension_busy>,
    kOfSurvey<"channel_time_bss_rx_seconds",
              "The time the radio spent on the channel receiving data from a BSS in seconds.", Kind::counter,
              &Survey::received_own>,
    kOfSurvey<"channel_time_rx_seconds", "The time the radio spent on the channel receiving data in seconds.",
              Kind::counter, &Survey::received>,
    kOfSurvey<"channel_time_tx_seconds", "The time the radio spent on the channel transmitting data in seconds.",
              Kind::counter, &Survey::transmitted>,
    kOfSurvey<"channel_time_scan_seconds", "The time the radio spent on the channel while it was scanning in seconds.",
              Kind::counter, &Survey::scanning>,
    kOfSurvey<"in_use", "Indicates if the channel is currently in use (1 for in use, 0 for not in use).", Kind::gauge,
              &Survey::in_use>,
};
constexpr auto kFamilies = family_list<family_total(kFrequency, kInfo, kStationRows, kSurveyRows)>(
    kFrequency, kInfo, kStationRows, kSurveyRows);

constexpr std::array kOptions = {
    OptionSpec{"fixtures", OptionType::text, "",
               "A directory of JSON files that are read instead of the kernel, for tests."},
};

class WifiCollector final : public Collector {
 public:
  explicit WifiCollector(const Options& options) {
    if (!options.text("fixtures").empty()) fixtures_ = open_fixtures(options.text("fixtures"));
  }

  Result<void> collect(CollectContext& context, Sink& sink) override {
    if (fixtures_) return read(*fixtures_, context, sink);
    NetlinkSource* const netlink = netlink_of(context);
    if (netlink == nullptr) return fail(Errc::unavailable, "nl80211");
    KernelSource kernel(*netlink);
    return read(kernel, context, sink);
  }

 private:
  Result<void> read(Source& source, CollectContext& context, Sink& sink) {
    interfaces_.clear();
    if (const auto listed = source.interfaces(interfaces_); !listed) return listed;
    for (const Interface& interface : interfaces_) {
      if (context.stop.stop_requested()) return fail(Errc::timed_out, "nl80211");
      if (interface.name.empty()) continue;  // a device that has none
      if (!std::isnan(interface.hertz)) sink.add(kFrequency, {interface.name}, interface.hertz);
      add_bss(source, interface, context, sink);
      add_stations(source, interface, context, sink);
      add_surveys(source, interface, context, sink);
    }
    return {};
  }

  static void report(CollectContext& context, const Interface& interface, std::string_view what, const Error& error) {
    if (!is_gone(error)) context.faults.partial(interface.name, what, error, {});
  }

  static void add_bss(Source& source, const Interface& interface, CollectContext& context, Sink& sink) {
    const auto bss = source.bss(interface);
    if (!bss) return report(context, interface, "bss", bss.error());
    sink.add(kInfo, {interface.name, bss->bssid, bss->ssid, bss->mode}, 1);
  }

  void add_stations(Source& source, const Interface& interface, CollectContext& context, Sink& sink) {
    stations_.clear();
    if (const auto listed = source.stations(interface, stations_); !listed) {
      return report(context, interface, "stations", listed.error());
    }
    for (const Station& station : stations_) {
      const std::array<std::string_view, 2> values = {interface.name, station.address};
      sink.add_rows(kStationRows, station, sink.labels(kStationLabels, values));
    }
  }

  void add_surveys(Source& source, const Interface& interface, CollectContext& context, Sink& sink) {
    surveys_.clear();
    if (const auto listed = source.surveys(interface, surveys_); !listed) {
      return report(context, interface, "surveys", listed.error());
    }
    std::set<std::uint32_t> channels;  // one that is surveyed in parts would be the same series twice
    for (const Survey& survey : surveys_) {
      if (!channels.insert(survey.megahertz).second) continue;
      const Digits frequency(survey.megahertz);
      const std::array<std::string_view, 2> values = {interface.name, frequency};
      sink.add_rows(kSurveyRows, survey, sink.labels(kSurveyLabels, values));
    }
  }

  std::unique_ptr<Source> fixtures_;
  std::vector<Interface> interfaces_;
  std::vector<Station> stations_;
  std::vector<Survey> surveys_;
};

const Registration kRegistration{{.name = "wifi",
                                  .enabled = false,
                                  .help = "Wireless interfaces, their stations and what they hear.",
                                  .options = kOptions,
                                  .families = kFamilies,
                                  .make = make_configured<WifiCollector>}};

}  // namespace
}  // namespace vitalsd::wifi
