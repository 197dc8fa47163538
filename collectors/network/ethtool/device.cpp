#include "collectors/network/ethtool/device.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace vitalsd::ethtool {
namespace {

constexpr std::string_view kWhere = "ethtool";
constexpr std::size_t kMostStatistics = 16'384;
static_assert(Statistics::kNameBytes == ETH_GSTRING_LEN);

// Fixed fields that are full have no NUL.
template <std::size_t N>
void take(std::string& out, const char (&field)[N]) {
  out.assign(field, ::strnlen(field, N));
}

class KernelEthtool final : public Ethtool {
 public:
  Result<void> driver(std::string_view device, DriverInfo& out) override {
    ethtool_drvinfo info{};
    if (const auto asked = read_driver(device, info); !asked) return asked;
    take(out.driver, info.driver);
    take(out.version, info.version);
    take(out.firmware, info.fw_version);
    take(out.option_rom, info.erom_version);
    take(out.bus, info.bus_info);
    return {};
  }

  Result<void> link(std::string_view device, LinkSettings& out) override {
    // The first answer is how many words the masks have, as a negative number; the second has them.
    auto* head = reset<ethtool_link_settings>(sizeof(ethtool_link_settings));
    head->cmd = ETHTOOL_GLINKSETTINGS;
    if (const auto asked = ask(device, head); !asked) return asked;
    const int words = -head->link_mode_masks_nwords;
    if (words <= 0 || words > 127) return fail(Errc::malformed, kWhere);
    const auto count = static_cast<std::size_t>(words);
    head = reset<ethtool_link_settings>(sizeof(ethtool_link_settings) + 3 * count * sizeof(std::uint32_t));
    head->cmd = ETHTOOL_GLINKSETTINGS;
    head->link_mode_masks_nwords = static_cast<__s8>(words);
    if (const auto asked = ask(device, head); !asked) return asked;
    if (head->link_mode_masks_nwords != words) return fail(Errc::malformed, kWhere);
    out.autonegotiates = head->autoneg == AUTONEG_ENABLE;
    const std::uint32_t* masks = reinterpret_cast<const std::uint32_t*>(buffer_.data()) + sizeof *head / sizeof *masks;
    out.supported.assign(masks, masks + count);
    out.advertised.assign(masks + count, masks + 2 * count);
    return {};
  }

  Result<void> statistics(std::string_view device, Statistics& out) override {
    ethtool_drvinfo info{};
    if (const auto asked = read_driver(device, info); !asked) return asked;
    const std::size_t count = info.n_stats;
    if (count == 0) return fail(Errc::unavailable, kWhere);
    if (count > kMostStatistics) return fail(Errc::too_large, kWhere);
    auto* strings = reset<ethtool_gstrings>(sizeof(ethtool_gstrings) + count * ETH_GSTRING_LEN);
    strings->cmd = ETHTOOL_GSTRINGS;
    strings->string_set = ETH_SS_STATS;
    strings->len = info.n_stats;
    if (const auto asked = ask(device, strings); !asked) return asked;
    if (strings->len != count) return fail(Errc::malformed, kWhere);  // it changed meanwhile
    out.names.assign(reinterpret_cast<const char*>(buffer_.data()) + sizeof *strings, count * ETH_GSTRING_LEN);
    auto* values = reset<ethtool_stats>(sizeof(ethtool_stats) + count * sizeof(std::uint64_t));
    values->cmd = ETHTOOL_GSTATS;
    values->n_stats = info.n_stats;
    if (const auto asked = ask(device, values); !asked) return asked;
    if (values->n_stats != count) return fail(Errc::malformed, kWhere);
    out.values.resize(count);
    std::memcpy(out.values.data(), reinterpret_cast<const char*>(buffer_.data()) + sizeof *values,
                count * sizeof(std::uint64_t));
    return {};
  }

 private:
  /// The buffer as one zeroed T of this many bytes, and room behind it: a driver may believe that it has more to say
  /// than it said a moment ago.
  template <class T>
  T* reset(std::size_t bytes) {
    constexpr std::size_t kRoom = 64U << 10U;
    buffer_.assign((bytes + kRoom) / sizeof buffer_[0] + 1, 0);
    return reinterpret_cast<T*>(buffer_.data());
  }

  Result<void> read_driver(std::string_view device, ethtool_drvinfo& info) {
    info.cmd = ETHTOOL_GDRVINFO;
    return ask(device, &info);
  }

  Result<void> ask(std::string_view device, void* command) {
    if (!socket_) socket_.reset(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (!socket_) return fail(classify_errno(errno), kWhere, errno);
    ifreq request{};
    if (device.empty() || device.size() >= sizeof request.ifr_name) return fail(Errc::malformed, kWhere);
    std::memcpy(request.ifr_name, device.data(), device.size());
    request.ifr_data = static_cast<char*>(command);
    if (::ioctl(socket_.get(), SIOCETHTOOL, &request) == 0) return {};
    return fail(classify_errno(errno), kWhere, errno);
  }

  Fd socket_;
  std::vector<std::uint64_t> buffer_;
};

}  // namespace

std::unique_ptr<Ethtool> open_ethtool() { return std::make_unique<KernelEthtool>(); }

}  // namespace vitalsd::ethtool
