#ifndef VITALSD_STATIC

#include "daemon/bus/connection.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <new>

namespace vitalsd::bus {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kWhere = "D-Bus";
constexpr std::string_view kClosed = "D-Bus: the connection was closed";
// dbus-daemon hangs up on accounts that it cannot look up, which those of DynamicUser= are (systemd's issue 22737).
constexpr std::string_view kRefused =
    "D-Bus: closed before a first answer; to dbus-daemon an account of DynamicUser= is none, make one by sysusers.d";
// Calls that wait for an answer: dbus-daemon allows a connection 128.
constexpr std::size_t kWindow = 64;
// Of one answer, which are the units of a machine a hundred times larger than any; 32 bytes each.
constexpr std::size_t kMostValues = 400'000;
constexpr unsigned kDeepest = 8;
constexpr auto kSlice = 50ms;  // between two looks at whether the run shall end
constexpr std::size_t kKeptValues = 16'384;

// What services answer where something is not there: sd-bus gives these the same errno as real faults, or none.
constexpr std::array<std::string_view, 9> kLacking = {
    "org.freedesktop.DBus.Error.ServiceUnknown", "org.freedesktop.DBus.Error.NameHasNoOwner",
    "org.freedesktop.DBus.Error.UnknownObject",  "org.freedesktop.DBus.Error.UnknownInterface",
    "org.freedesktop.DBus.Error.UnknownMethod",  "org.freedesktop.DBus.Error.UnknownProperty",
    "org.freedesktop.DBus.Error.Disconnected",   "org.freedesktop.systemd1.NoSuchUnit",
    "org.freedesktop.login1.NoSuchSession",
};

Error error_of(int sys) {
  sys = std::abs(sys);
  switch (sys) {
    case ECONNREFUSED: return {Errc::unavailable, sys, kWhere};  // a socket that nobody listens at
    case EBADMSG: return {Errc::malformed, sys, kWhere};
    case ENOBUFS: return {Errc::too_large, sys, kWhere};
    default: return {classify_errno(sys), sys, kWhere};
  }
}

std::uint64_t microseconds(std::chrono::steady_clock::duration span) {
  return static_cast<std::uint64_t>(
      std::max<std::int64_t>(0, std::chrono::duration_cast<std::chrono::microseconds>(span).count()));
}

}  // namespace

struct Connection::Round {
  Connection& connection;
  std::span<const BusCall> calls;
  const Answer& answer;
  std::size_t answered = 0;
  bool closed = false;
};

Result<std::unique_ptr<Connection>> Connection::open(const SdBus& api, const std::string& address, bool is_bus) {
  ::sd_bus* bus = nullptr;
  int result = api.sd_bus_new(&bus);
  if (result < 0) return fail(error_of(result));
  std::unique_ptr<Connection> connection(new Connection(api, bus, is_bus));
  result = api.sd_bus_set_address(bus, address.c_str());
  if (result >= 0) result = api.sd_bus_set_bus_client(bus, is_bus ? 1 : 0);
  if (result >= 0) result = api.sd_bus_negotiate_fds(bus, 0);  // descriptors of others would have to be closed
  if (result >= 0) result = api.sd_bus_start(bus);
  if (result < 0) return fail(error_of(result));
  return connection;
}

Connection::~Connection() {
  api_.sd_bus_close(bus_);
  api_.sd_bus_unref(bus_);
}

Result<void> Connection::ask(std::span<const BusCall> calls, const BusPatience& patience, const Answer& answer) {
  Round round{*this, calls, answer};
  std::vector<Pending> pending(calls.size());
  std::size_t sent = 0;
  while (round.answered < calls.size()) {
    while (sent < calls.size() && sent - round.answered < kWindow) {
      pending[sent] = {&round, sent};
      if (const int result = send(calls[sent], pending[sent]); result < 0) return fail(error_of(result));
      ++sent;
    }
    const int done = api_.sd_bus_process(bus_, nullptr);
    if (round.closed) return fail(has_spoken_ ? Error{Errc::io, 0, kClosed} : Error{Errc::denied, 0, kRefused});
    if (done < 0) return fail(error_of(done));
    const auto left = patience.deadline - std::chrono::steady_clock::now();
    if (left <= left.zero() || patience.stop.stop_requested()) return fail(Errc::timed_out, kWhere);
    if (done > 0) continue;
    const int waited =
        api_.sd_bus_wait(bus_, microseconds(std::min<std::chrono::steady_clock::duration>(left, kSlice)));
    if (waited < 0 && waited != -EINTR) return fail(error_of(waited));
  }
  if (values_.capacity() > kKeptValues) values_ = {};
  return {};
}

int Connection::send(const BusCall& call, Pending& pending) {
  sd_bus_message* message = nullptr;
  int result = api_.sd_bus_message_new_method_call(bus_, &message, is_bus_ ? call.service : nullptr, call.path,
                                                   call.interface, call.member);
  if (result < 0) return result;
  result = api_.sd_bus_message_set_auto_start(message, 0);
  for (const char* argument : call.arguments) {
    if (argument == nullptr || result < 0) break;
    result = api_.sd_bus_message_append_basic(message, SD_BUS_TYPE_STRING, argument);
  }
  constexpr std::uint64_t kForever = UINT64_MAX;  // it is we who stop waiting
  if (result >= 0) result = api_.sd_bus_call_async(bus_, nullptr, message, &Connection::received, &pending, kForever);
  api_.sd_bus_message_unref(message);
  return result;
}

int Connection::received(sd_bus_message* message, void* context, sd_bus_error*) {
  const Pending& pending = *static_cast<Pending*>(context);
  Round& round = *pending.round;
  // What waits when the other end hangs up is answered by the library itself.
  if (round.closed || round.connection.api_.sd_bus_is_open(round.connection.bus_) <= 0) {
    round.closed = true;
    return 1;
  }
  round.connection.has_spoken_ = true;
  ++round.answered;
  round.answer(pending.index, round.connection.read(message, round.calls[pending.index].signature));
  return 1;
}

BusAnswer Connection::read(sd_bus_message* message, const char* signature) {
  if (const sd_bus_error* const error = api_.sd_bus_message_get_error(message); error != nullptr) {
    const std::string_view name(error->name == nullptr ? "" : error->name);
    const int sys = api_.sd_bus_message_get_errno(message);
    if (std::ranges::find(kLacking, name) != kLacking.end()) return fail(Errc::unavailable, kWhere);
    return fail(error_of(sys));
  }
  if (api_.sd_bus_message_has_signature(message, signature) <= 0) return fail(Errc::malformed, "D-Bus: other types");
  values_.clear();
  try {
    if (const int result = flatten(message, 0); result < 0) return fail(error_of(result));
  } catch (const std::bad_alloc&) {
    return fail(Errc::too_large, kWhere);
  }
  return std::span<const BusValue>(values_);
}

// All values up to the end of the container that is open.
int Connection::flatten(sd_bus_message* message, unsigned depth) {
  if (depth > kDeepest) return -EBADMSG;
  while (true) {
    char type = 0;
    const char* contents = nullptr;
    int result = api_.sd_bus_message_peek_type(message, &type, &contents);
    if (result <= 0) return result;
    if (contents != nullptr) {
      result = api_.sd_bus_message_enter_container(message, type, contents);
      if (result >= 0) result = flatten(message, depth + 1);
      if (result >= 0) result = api_.sd_bus_message_exit_container(message);
      if (result < 0) return result;
      continue;
    }
    if (values_.size() == kMostValues) return -ENOBUFS;
    BusValue value{.type = type};
    if (type == SD_BUS_TYPE_STRING || type == SD_BUS_TYPE_OBJECT_PATH || type == SD_BUS_TYPE_SIGNATURE) {
      const char* text = nullptr;
      result = api_.sd_bus_message_read_basic(message, type, &text);
      if (result > 0) value.text = text;
    } else {
      union {  // what read_basic() fills is as long as the type
        std::uint8_t byte;
        int boolean;
        std::int16_t n;
        std::uint16_t q;
        std::int32_t i;
        std::uint32_t u;
        std::uint64_t t;
      } number{.t = 0};
      result = api_.sd_bus_message_read_basic(message, type, &number);
      switch (type) {
        case SD_BUS_TYPE_BYTE: value.number = number.byte; break;
        case SD_BUS_TYPE_BOOLEAN: value.number = number.boolean != 0 ? 1 : 0; break;
        case SD_BUS_TYPE_INT16: value.number = static_cast<std::uint64_t>(std::int64_t{number.n}); break;
        case SD_BUS_TYPE_UINT16: value.number = number.q; break;
        case SD_BUS_TYPE_INT32: value.number = static_cast<std::uint64_t>(std::int64_t{number.i}); break;
        case SD_BUS_TYPE_UINT32: value.number = number.u; break;
        default: value.number = number.t; break;
      }
    }
    if (result <= 0) return result < 0 ? result : -EBADMSG;
    values_.push_back(value);
  }
}

}  // namespace vitalsd::bus

#endif
