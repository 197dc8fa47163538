// Collector `qdisc`: what the queueing disciplines of network devices sent, dropped and hold, over netlink alone.
#include <array>
#include <optional>

#include "collectors/formats/netlink/net_qdisc.h"
#include "collectors/kit/flat_json.h"
#include "collectors/kit/link_names.h"
#include "collectors/kit/netlink_run.h"
#include "collectors/kit/pattern.h"
#include "core/collector.h"

namespace vitalsd {
namespace {

constexpr std::array<std::string_view, 2> kLabels = {"device", "kind"};

template <class T>
double number(const std::optional<T>& value) {
  return value ? static_cast<double>(*value) : kAbsent;
}

/// A row, and the field of node_exporter's fixture that has its value.
struct QdiscRow {
  Family family;
  double (*get)(const NetQdisc&);
  std::string_view field;
};
constexpr std::array kRows = {
    QdiscRow{{"node_qdisc_bytes_total", Kind::counter, "Number of bytes sent.", "", kLabels},
             [](const NetQdisc& q) { return number(q.bytes); },
             "bytes"},
    QdiscRow{{"node_qdisc_packets_total", Kind::counter, "Number of packets sent.", "", kLabels},
             [](const NetQdisc& q) { return number(q.packets); },
             "packets"},
    QdiscRow{{"node_qdisc_drops_total", Kind::counter, "Number of packets dropped.", "", kLabels},
             [](const NetQdisc& q) { return number(q.drops); },
             "drops"},
    QdiscRow{{"node_qdisc_requeues_total", Kind::counter, "Number of packets dequeued, not transmitted, and requeued.",
              "", kLabels},
             [](const NetQdisc& q) { return number(q.requeues); },
             "requeues"},
    QdiscRow{{"node_qdisc_overlimits_total", Kind::counter, "Number of overlimit packets.", "", kLabels},
             [](const NetQdisc& q) { return number(q.overlimits); },
             "overlimits"},
    QdiscRow{{"node_qdisc_current_queue_length", Kind::gauge, "Number of packets currently in queue to be sent.", "",
              kLabels},
             [](const NetQdisc& q) { return number(q.queued); },
             "qlen"},
    QdiscRow{{"node_qdisc_backlog", Kind::gauge, "Number of bytes currently in queue to be sent.", "", kLabels},
             [](const NetQdisc& q) { return number(q.backlog); },
             "backlog"},
};
constexpr auto kFamilies = family_list<family_total(kRows)>(kRows);

constexpr std::array kOptions = {
    OptionSpec{"device_include", OptionType::regex, "", "Devices to report; excludes device_exclude."},
    OptionSpec{"device_exclude", OptionType::regex, "", "Devices to leave out; excludes device_include."},
    OptionSpec{"fixtures", OptionType::text, "",
               "A directory whose results.json is read instead of the kernel, for tests."},
};

class QdiscCollector final : public Collector {
 public:
  explicit QdiscCollector(const Options& options) : devices_(make_filter(options, "device_include", "device_exclude")) {
    if (devices_.include && devices_.exclude) {
      throw OptionError("device_exclude", "device_include is given too: only one of them can be");
    }
    if (!options.text("fixtures").empty()) fixtures_ = open_directory(options.text("fixtures"));
  }

  Result<void> collect(CollectContext& context, Sink& sink) override {
    if (fixtures_) return read_fixture(context, sink);
    NetlinkSource* const netlink = netlink_of(context);
    if (netlink == nullptr) return fail(Errc::unavailable, "netlink");
    if (const auto named = names_.read(*netlink, context); !named) return named;
    return netlink->whole(net_qdisc::request(), {}, [&](const NetlinkMessage& message) -> Result<void> {
      const auto qdisc = net_qdisc::parse(message);
      if (!qdisc) {
        context.faults.partial("netlink", "qdisc", qdisc.error(), {});
        return {};
      }
      const std::string_view device = names_.find(qdisc->device);
      if (!qdisc->root || device.empty() || !devices_.keeps(device)) return {};
      const std::array values = {device, qdisc->kind};
      sink.add_rows(kRows, *qdisc, sink.labels(kLabels, values));
      return {};
    });
  }

 private:
  Result<void> read_fixture(CollectContext& context, Sink& sink) {
    const auto text = fixtures_->read("results.json", context.buffer);
    if (!text) return fail(text.error());
    std::vector<flat_json::Record> records;
    if (const auto parsed = flat_json::parse(*text, records); !parsed) return parsed;
    for (const flat_json::Record& record : records) {
      const std::string_view device = record.text("ifacename");
      if (record.number("parent") != 0 || !devices_.keeps(device)) continue;
      const std::array values = {device, record.text("kind")};
      const LabelId labels = sink.labels(kLabels, values);
      for (const QdiscRow& row : kRows) sink.add(row.family, labels, record.number(row.field));
    }
    return {};
  }

  Filter devices_;
  std::unique_ptr<FileSource> fixtures_;
  LinkNames names_;
};

const Registration kRegistration{{.name = "qdisc",
                                  .enabled = false,
                                  .help = "Queueing disciplines of network devices: sent, dropped, waiting.",
                                  .options = kOptions,
                                  .families = kFamilies,
                                  .make = make_configured<QdiscCollector>}};

}  // namespace
}  // namespace vitalsd
