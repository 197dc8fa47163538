// libsystemd's D-Bus client (sd-bus(3)) as a table of its functions, opened when a collector first asks a service: few
// daemons do, and linked in it would bring five more libraries into each.
//   const auto api = sd_bus(); if (!api) say(api.error()); (*api)->sd_bus_new(&bus)
#pragma once

#include <systemd/sd-bus.h>

#include <expected>
#include <string>

namespace vitalsd::bus {

// clang-format off
#define VITALSD_BUS_FUNCTIONS(X)                                                                                     \
  X(sd_bus_new) X(sd_bus_set_address) X(sd_bus_set_bus_client) X(sd_bus_negotiate_fds) X(sd_bus_start)               \
  X(sd_bus_close) X(sd_bus_unref) X(sd_bus_is_open) X(sd_bus_process) X(sd_bus_wait) X(sd_bus_call_async)                              \
  X(sd_bus_message_new_method_call) X(sd_bus_message_set_auto_start) X(sd_bus_message_append_basic)                  \
  X(sd_bus_message_unref) X(sd_bus_message_get_error) X(sd_bus_message_get_errno) X(sd_bus_message_has_signature)    \
  X(sd_bus_message_peek_type) X(sd_bus_message_enter_container) X(sd_bus_message_exit_container)                     \
  X(sd_bus_message_read_basic)
// clang-format on

struct SdBus {
#define VITALSD_MEMBER(name) decltype(&::name) name = nullptr;  // NOLINT(bugprone-macro-parentheses)
  VITALSD_BUS_FUNCTIONS(VITALSD_MEMBER)
#undef VITALSD_MEMBER
};

/// The library, or one line about why there is none and what to do, with static storage. Opened once; any thread.
std::expected<const SdBus*, std::string_view> sd_bus();

}  // namespace vitalsd::bus
