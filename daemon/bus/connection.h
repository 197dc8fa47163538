// One connection to a D-Bus peer. Nothing here waits longer than its caller allows: the socket does not block, and
// whoever is at its other end may be stopped at any moment.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/bus.h"
#include "daemon/bus/sd_bus.h"

namespace vitalsd::bus {

class Connection {
 public:
  using Answer = std::function<void(std::size_t, const BusAnswer&)>;

  /// Begins to connect to one of these addresses (D-Bus' form, separated by semicolons). `is_bus`: a message bus is at
  /// the other end, not a service itself.
  static Result<std::unique_ptr<Connection>> open(const SdBus& api, const std::string& address, bool is_bus);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// As BusSource::ask(). After an error the connection is of no use any more.
  Result<void> ask(std::span<const BusCall> calls, const BusPatience& patience, const Answer& answer);
  /// Whether ask() was answered anything, ever.
  bool has_spoken() const noexcept { return has_spoken_; }

 private:
  struct Round;
  struct Pending {
    Round* round;
    std::size_t index;
  };

  Connection(const SdBus& api, ::sd_bus* bus, bool is_bus) : api_(api), bus_(bus), is_bus_(is_bus) {}
  int send(const BusCall& call, Pending& pending);
  static int received(sd_bus_message* message, void* pending, sd_bus_error* error);
  BusAnswer read(sd_bus_message* message, const char* signature);
  int flatten(sd_bus_message* message, unsigned depth);

  const SdBus& api_;
  ::sd_bus* bus_;
  bool is_bus_;
  bool has_spoken_ = false;
  std::vector<BusValue> values_;
};

}  // namespace vitalsd::bus
