// Collector `drbd`: devices that are mirrored to another host, as DRBD 8 shows them (/proc/drbd): words "key:value",
// those of a device behind its number and a colon.
//   " 1: cs:Connected ro:Primary/Secondary ds:UpToDate/UpToDate C r-----\n    ns:17324442 nr:10961011 ..."
#include <algorithm>
#include <array>
#include <string>

#include "collectors/kit/digits.h"
#include "collectors/kit/joined.h"
#include "core/collector.h"
#include "core/scan.h"

namespace vitalsd {
namespace {

constexpr std::array<std::string_view, 1> kDevice = {"device"};
constexpr std::array<std::string_view, 2> kNode = {"device", "node"};
constexpr double kKilobyte = 1024;

struct Number {
  std::string_view key;
  Family family;
  double scale;
};
template <Literal Key, Literal Name, Literal Help, Kind OfKind = Kind::gauge>
constexpr Number kNumber{
    joined<Key>,
    {joined<"node_drbd_", Name>, OfKind, joined<Help>,
     joined<Name>.ends_with("bytes") || joined<Name>.ends_with("bytes_total") ? "bytes" : "", kDevice},
    joined<Name>.ends_with("bytes") || joined<Name>.ends_with("bytes_total") ? kKilobyte : 1};

constexpr Number unscaled(Number number) {
  number.scale = 1;
  return number;
}
constexpr std::array kNumbers = {
    kNumber<"ns", "network_sent_bytes_total", "Total number of bytes sent via the network.", Kind::counter>,
    // DRBD counts kilobytes here, too; node_exporter reports them as they are, and so this name means.
    unscaled(kNumber<"nr", "network_received_bytes_total", "Total number of bytes received via the network.",
                     Kind::counter>),
    kNumber<"dw", "disk_written_bytes_total", "Net data written on local hard disk; in bytes.", Kind::counter>,
    kNumber<"dr", "disk_read_bytes_total", "Net data read from local hard disk; in bytes.", Kind::counter>,
    kNumber<"al", "activitylog_writes_total", "Number of updates of the activity log area of the meta data.",
            Kind::counter>,
    kNumber<"bm", "bitmap_writes_total", "Number of updates of the bitmap area of the meta data.", Kind::counter>,
    kNumber<"lo", "local_pending", "Number of open requests to the local I/O sub-system.">,
    kNumber<"pe", "remote_pending",
            "Number of requests sent to the peer, but that have not yet been answered by the latter.">,
    kNumber<"ua", "remote_unacknowledged",
            "Number of requests received by the peer via the network connection, but that have not yet been answered.">,
    kNumber<"ap", "application_pending",
            "Number of block I/O requests forwarded to DRBD, but not yet answered by DRBD.">,
    kNumber<"ep", "epochs", "Number of Epochs currently on the fly.">,
    kNumber<"oos", "out_of_sync_bytes", "Amount of data known to be out of sync; in bytes.">,
};
constexpr Family kConnected{"node_drbd_connected", Kind::gauge, "Whether DRBD is connected to the peer.", "", kDevice};
constexpr Family kPrimary{"node_drbd_node_role_is_primary", Kind::gauge,
                          "Whether the role of the node is in the primary state.", "", kNode};
constexpr Family kUpToDate{"node_drbd_disk_state_is_up_to_date", Kind::gauge,
                           "Whether the disk of the node is up to date.", "", kNode};
constexpr auto kFamilies =
    family_list<family_total(kNumbers, kConnected, kPrimary, kUpToDate)>(kNumbers, kConnected, kPrimary, kUpToDate);

class DrbdCollector final : public Collector {
 public:
  Result<void> collect(CollectContext& context, Sink& sink) override {
    const auto text = context.host.procfs->read("drbd", text_, Keep::yes);
    if (!text) return fail(text.error());
    device_.clear();
    for (Scan scan(*text, "drbd"); !scan.at_end();) {
      Scan line(scan.line(), "drbd");
      for (std::string_view word = line.optional_word(); !word.empty(); word = line.optional_word())
        add_word(word, context, sink);
    }
    return {};
  }

 private:
  void add_word(std::string_view word, CollectContext& context, Sink& sink) {
    const std::size_t colon = word.find(':');
    if (colon == std::string_view::npos || word.rfind(':') != colon) return;  // a version, a time
    const std::string_view key = word.substr(0, colon), value = word.substr(colon + 1);
    if (value.empty() && is_digits(key)) {
      device_.assign("drbd").append(key);
    } else if (const auto row = std::ranges::find(kNumbers, key, &Number::key); row != kNumbers.end()) {
      const auto number = parse_number<std::uint64_t>(value, "drbd");
      if (device_.empty() || !number) return reject(key, context);
      sink.add(row->family, {device_}, static_cast<double>(*number) * row->scale);
    } else if (key == "ro") {
      add_pair(kPrimary, "Primary", key, value, context, sink);
    } else if (key == "ds") {
      add_pair(kUpToDate, "UpToDate", key, value, context, sink);
    } else if (key == "cs") {
      if (device_.empty()) return reject(key, context);
      sink.add(kConnected, {device_}, value == "Connected" ? 1 : 0);
    }
  }

  void add_pair(const Family& family, std::string_view good, std::string_view key, std::string_view value,
                CollectContext& context, Sink& sink) {
    const std::size_t slash = value.find('/');
    if (device_.empty() || slash == std::string_view::npos) return reject(key, context);
    sink.add(family, {device_, "local"}, value.substr(0, slash) == good ? 1 : 0);
    sink.add(family, {device_, "remote"}, value.substr(slash + 1) == good ? 1 : 0);
  }

  void reject(std::string_view key, CollectContext& context) {
    context.faults.partial(device_.empty() ? key : device_, "drbd", {Errc::malformed, 0, "drbd"}, {});
  }

  std::string text_, device_;
};

const Registration kRegistration{{.name = "drbd",
                                  .enabled = false,
                                  .help = "Connection, roles and traffic of DRBD devices.",
                                  .families = kFamilies,
                                  .make = make_collector<DrbdCollector>}};

}  // namespace
}  // namespace vitalsd
