// The seam to D-Bus: method calls to services of the system, their answers as flat lists of values.
//   const std::array calls = {bus_property(kManager, "Version")};
//   bus.ask(BusPeer::system, calls, {context.stop, context.deadline}, [](std::size_t i, const BusAnswer& answer)
//   {...});
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <stop_token>
#include <string_view>

#include "core/result.h"

namespace vitalsd {

/// Who is at the other end of the socket.
enum class BusPeer : std::uint8_t {
  system,   ///< the system's message bus, which passes calls on
  manager,  ///< systemd's own socket, for root alone
};

/// One basic value of an answer. Arrays, structures and variants are flat: the signature of the call says what is
/// where.
struct BusValue {
  char type = 0;               ///< of D-Bus: 's', 'o', 'g', 'b', 'y', 'n', 'q', 'i', 'u', 'x', 't' or 'd'
  std::uint64_t number = 0;    ///< of all that are no text; a negative one as its two's complement, a 'd' as its bits
  std::string_view text = {};  ///< of 's', 'o' and 'g'; lives for the call that gives it
};

/// What is called. The texts must live until ask() returns.
struct BusCall {
  const char* service = nullptr;
  const char* path = nullptr;
  const char* interface = nullptr;
  const char* member = nullptr;
  const char* signature = "";                 ///< that the answer must have; another one is malformed
  std::array<const char*, 2> arguments = {};  ///< strings; the first that is null ends them
};

/// An object of a service, and one of its interfaces.
struct BusObject {
  const char* service = nullptr;
  const char* path = nullptr;
  const char* interface = nullptr;
};

/// Reads one property; the answer is a single value where the property has a basic type.
constexpr BusCall bus_property(const BusObject& of, const char* name) {
  return {of.service, of.path, "org.freedesktop.DBus.Properties", "Get", "v", {of.interface, name}};
}

using BusAnswer = Result<std::span<const BusValue>>;

/// When an ask() ends that has not been answered.
struct BusPatience {
  std::stop_token stop;
  std::chrono::steady_clock::time_point deadline;
};

/// Errors of a single answer: unavailable (no such service, object or property), denied, malformed, too_large, io.
/// One source is used by one thread at a time.
class BusSource {
 public:
  virtual ~BusSource() = default;

  /// Makes all calls, many at a time, and gives each answer with the index of its call, in any order. `answer` must not
  /// throw. Errors are those of the connection, after which further answers do not come: unavailable (nobody listens),
  /// denied, timed_out, io. No service is started for it.
  virtual Result<void> ask(BusPeer peer, std::span<const BusCall> calls, const BusPatience& patience,
                           const std::function<void(std::size_t, const BusAnswer&)>& answer) = 0;
};

}  // namespace vitalsd
