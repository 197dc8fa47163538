// What there is to say of wireless devices, in the units of their families; kAbsent where a driver does not say it.
#pragma once

#include <string>
#include <vector>

#include "core/collector.h"

namespace vitalsd::wifi {

struct Interface {
  std::int32_t index = 0;
  std::string name;
  double hertz = kAbsent;
};

/// The network that an interface takes part in.
struct Bss {
  std::string bssid, ssid;  ///< "00:11:22:33:44:55"; a name that is nearly any bytes
  std::string_view mode;    ///< "client", "ad-hoc" or "unknown"
};

struct Station {
  std::string address;
  double connected = kAbsent, inactive = kAbsent;          ///< seconds
  double receive_rate = kAbsent, transmit_rate = kAbsent;  ///< bits per second
  double received = kAbsent, transmitted = kAbsent;        ///< bytes
  double received_packets = kAbsent, transmitted_packets = kAbsent;
  double signal = kAbsent;  ///< dBm
  double retries = kAbsent, failed = kAbsent, beacon_losses = kAbsent;
};

/// What the radio heard on one channel; times in seconds.
struct Survey {
  std::uint32_t megahertz = 0;
  double noise = kAbsent;  ///< dBm
  double time = kAbsent, active = kAbsent, busy = kAbsent, extension_busy = kAbsent, received_own = kAbsent,
         received = kAbsent, transmitted = kAbsent, scanning = kAbsent;
  double in_use = 0;
};

/// "00:11:22:33:44:55"
std::string print_address(std::string_view bytes);
std::string_view mode_of(double bss_status);

inline constexpr std::size_t kMostInterfaces = 1024, kMostStations = 65'536, kMostSurveys = 65'536;

/// Where it comes from: the kernel, or a directory of node_exporter's fixtures.
class Source {
 public:
  virtual ~Source() = default;
  /// Errors: unavailable where there is nothing wireless.
  virtual Result<void> interfaces(std::vector<Interface>& out) = 0;
  /// Unavailable: it takes part in none.
  virtual Result<Bss> bss(const Interface& interface) = 0;
  virtual Result<void> stations(const Interface& interface, std::vector<Station>& out) = 0;
  virtual Result<void> surveys(const Interface& interface, std::vector<Survey>& out) = 0;
};

/// Reads interfaces.json, NAME/bss.json, NAME/stationinfo.json and NAME/surveyinfo.json; what a record lacks is 0
/// there.
std::unique_ptr<Source> open_fixtures(const std::string& directory);

}  // namespace vitalsd::wifi
