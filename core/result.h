// What can go wrong while reading the system, and the value-or-error type that every read returns.
//   Result<std::string_view> text = files.read("loadavg", buffer); if (!text) return fail(text.error());
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace vitalsd {

/// Why a read or a parse gave no value. The scheduler, not the collector, decides what follows from it.
enum class Errc : std::uint8_t {
  unavailable,  ///< this kernel or machine does not have it: the series are absent
  vanished,     ///< the process or device disappeared while it was read: skipped and counted
  denied,       ///< no permission: the result is partial, and the remedy is logged once
  malformed,    ///< the text does not have its documented form
  too_large,    ///< longer than the limit of its source
  timed_out,    ///< the deadline passed
  io,           ///< any other system error; `sys` is its number
  would_open,   ///< this run may not open a file but needs to: it is dropped and repeated where it may
};

/// One failure. `where` names the file or format. It has static storage, or lives as long as the FileSource that
/// returned the error.
struct Error {
  Errc code;
  int sys = 0;  ///< errno, or 0
  std::string_view where;
};

template <class T>
using Result = std::expected<T, Error>;

/// Shorthand for the error arm of a Result.
inline std::unexpected<Error> fail(Errc code, std::string_view where, int sys = 0) {
  return std::unexpected(Error{code, sys, where});
}
inline std::unexpected<Error> fail(Error error) { return std::unexpected(error); }

/// Whether the file or device does not exist, or no longer does, which is no fault.
constexpr bool is_gone(const Error& error) noexcept {
  return error.code == Errc::vanished || error.code == Errc::unavailable;
}

/// Whether the next attempt may succeed, so that a collector that remembers what exists must ask again.
constexpr bool is_passing(const Error& error) noexcept {
  return error.code == Errc::would_open || error.code == Errc::io || error.code == Errc::timed_out;
}

/// The Errc that an errno of open, read or readlink means for a monitored file.
Errc classify_errno(int sys) noexcept;

/// The stable lower-case name of a code, used as the value of the `reason` label.
std::string_view name_of(Errc code) noexcept;

/// One line for a person: "pressure/cpu: unavailable (Operation not supported)".
std::string describe(const Error& error);

}  // namespace vitalsd
