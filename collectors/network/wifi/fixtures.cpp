#include <algorithm>

#include "collectors/kit/flat_json.h"
#include "collectors/network/wifi/wifi.h"

namespace vitalsd::wifi {
namespace {

constexpr double kNanoseconds = 1e9;  // of a second

// Go writes bytes as base64; those of an address are short.
std::string decode_base64(std::string_view text) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    const std::size_t digit = kDigits.find(c);
    if (digit == std::string_view::npos) break;
    bits = bits << 6U | static_cast<std::uint32_t>(digit);
    count += 6;
    if (count >= 8) {
      count -= 8;
      out += static_cast<char>(bits >> count & 0xFFU);
    }
  }
  return out;
}

class Fixtures final : public Source {
 public:
  explicit Fixtures(const std::string& directory) : files_(open_directory(directory)) {}

  Result<void> interfaces(std::vector<Interface>& out) override {
    if (const auto read = read_records("interfaces.json"); !read) return read;
    for (const auto& record : records_) {
      out.push_back({.name = std::string(record.text("name")), .hertz = record.number("frequency") * 1e6});
    }
    return {};
  }

  Result<Bss> bss(const Interface& interface) override {
    if (const auto read = read_records(interface.name + "/bss.json"); !read) return fail(read.error());
    if (records_.empty()) return fail(Errc::unavailable, "bss.json");
    const auto& record = records_.front();
    return Bss{print_address(decode_base64(record.text("bssid"))), std::string(record.text("ssid")),
               mode_of(record.number("status"))};
  }

  Result<void> stations(const Interface& interface, std::vector<Station>& out) override {
    if (const auto read = read_records(interface.name + "/stationinfo.json"); !read) return read;
    for (const auto& record : records_) {
      out.push_back({.address = print_address(decode_base64(record.text("hardwareaddr"))),
                     .connected = record.number("connected") / kNanoseconds,
                     .inactive = record.number("inactive") / kNanoseconds,
                     .receive_rate = record.number("receivebitrate"),
                     .transmit_rate = record.number("transmitbitrate"),
                     .received = record.number("receivedbytes"),
                     .transmitted = record.number("transmittedbytes"),
                     .received_packets = record.number("receivedpackets"),
                     .transmitted_packets = record.number("transmittedpackets"),
                     .signal = record.number("signal"),
                     .retries = record.number("transmitretries"),
                     .failed = record.number("transmitfailed"),
                     .beacon_losses = record.number("beaconloss")});
    }
    return {};
  }

  Result<void> surveys(const Interface& interface, std::vector<Survey>& out) override {
    if (const auto read = read_records(interface.name + "/surveyinfo.json"); !read) return read;
    for (const auto& record : records_) {
      const auto seconds = [&record](std::string_view field) { return record.number(field) / kNanoseconds; };
      out.push_back({.megahertz = static_cast<std::uint32_t>(std::clamp(record.number("frequency"), 0.0, 1e6)),
                     .noise = record.number("noise"),
                     .time = seconds("channeltime"),
                     .active = seconds("channeltimeactive"),
                     .busy = seconds("channeltimebusy"),
                     .extension_busy = seconds("channeltimeextbusy"),
                     .received_own = seconds("channeltimebssrx"),
                     .received = seconds("channeltimerx"),
                     .transmitted = seconds("channeltimetx"),
                     .scanning = seconds("channeltimescan"),
                     .in_use = record.text("inuse") == "true" ? 1.0 : 0.0});
    }
    return {};
  }

 private:
  Result<void> read_records(const std::string& path) {
    const auto text = files_->read(path, buffer_);
    if (!text) return fail(text.error());
    return flat_json::parse(*text, records_);
  }

  std::unique_ptr<FileSource> files_;
  std::string buffer_;
  std::vector<flat_json::Record> records_;
};

}  // namespace

std::unique_ptr<Source> open_fixtures(const std::string& directory) { return std::make_unique<Fixtures>(directory); }

}  // namespace vitalsd::wifi
