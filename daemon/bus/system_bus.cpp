#include "daemon/bus/system_bus.h"

#include <array>
#include <cctype>
#include <utility>

#ifndef VITALSD_STATIC
#include "daemon/bus/connection.h"
#endif

namespace vitalsd::bus {
namespace {

// As the D-Bus specification wants it ("Server Addresses"): all but these bytes are written %XX.
void append_escaped(std::string& out, std::string_view text) {
  constexpr std::string_view kPlain = "-_/.\\*", kHex = "0123456789abcdef";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80 && (std::isalnum(byte) != 0 || kPlain.find(c) != kPlain.npos)) {
      out += c;
    } else {
      out.append("%").append(1, kHex[byte >> 4U]).append(1, kHex[byte & 0xFU]);
    }
  }
}

void append_address(std::string& out, std::string_view root, std::string_view path) {
  while (root.ends_with('/')) root.remove_suffix(1);
  out.append(out.empty() ? "" : ";").append("unix:path=");
  append_escaped(out, root);
  append_escaped(out, path);
}

#ifdef VITALSD_STATIC

class SystemBus final : public BusSource {
 public:
  explicit SystemBus(Addresses) {}
  Result<void> ask(BusPeer, std::span<const BusCall>, const BusPatience&,
                   const std::function<void(std::size_t, const BusAnswer&)>&) override {
    return fail(Errc::io, "the static build has no D-Bus; use the dynamic one");
  }
};

#else

class SystemBus final : public BusSource {
 public:
  explicit SystemBus(Addresses addresses) : addresses_(std::move(addresses)) {}

  Result<void> ask(BusPeer peer, std::span<const BusCall> calls, const BusPatience& patience,
                   const std::function<void(std::size_t, const BusAnswer&)>& answer) override {
    const auto api = sd_bus();
    if (!api) return fail(Errc::io, api.error());
    auto& connection = connections_[static_cast<std::size_t>(peer)];
    const bool is_bus = peer == BusPeer::system;
    while (true) {
      const bool is_old = connection != nullptr && connection->has_spoken();
      if (connection == nullptr) {
        auto opened = Connection::open(**api, is_bus ? addresses_.system : addresses_.manager, is_bus);
        if (!opened) return fail(opened.error());
        connection = std::move(*opened);
      }
      bool any = false;
      const auto result = connection->ask(calls, patience, [&](std::size_t index, const BusAnswer& got) {
        any = true;
        answer(index, got);
      });
      if (result) return result;
      connection.reset();  // answers that come late are nobody's
      // The bus was started again since the last round: what was not asked yet is asked there.
      if (!is_old || any || result.error().code == Errc::timed_out) return result;
    }
  }

 private:
  Addresses addresses_;
  std::array<std::unique_ptr<Connection>, 2> connections_;
};

#endif

}  // namespace

Addresses addresses_of(std::string_view rootfs, const char* given) {
  Addresses addresses;
  if (given != nullptr && *given != '\0') {
    addresses.system = given;
  } else {
    if (rootfs != "/") append_address(addresses.system, rootfs, "/run/dbus/system_bus_socket");
    append_address(addresses.system, "", "/run/dbus/system_bus_socket");
    append_address(addresses.system, "", "/var/run/dbus/system_bus_socket");
  }
  if (rootfs != "/") append_address(addresses.manager, rootfs, "/run/systemd/private");
  append_address(addresses.manager, "", "/run/systemd/private");
  return addresses;
}

std::shared_ptr<BusSource> open_system_bus(Addresses addresses) {
  return std::make_shared<SystemBus>(std::move(addresses));
}

}  // namespace vitalsd::bus
