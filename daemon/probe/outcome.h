// What one probe came to: whether it succeeded, why not, and what it measured on its way.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/family.h"

namespace vitalsd {

/// Why a probe failed. The order is that of kProbeFaults.
enum class ProbeFault : std::uint8_t {
  none,
  file,       ///< a file with a secret or with authorities cannot be used
  resolve,    ///< the name is unknown
  connect,    ///< no address answers
  tls,        ///< no handshake, or a certificate that is not trusted
  timeout,    ///< the deadline passed
  closed,     ///< the server closed the connection too early
  io,         ///< the connection broke
  malformed,  ///< not HTTP
  too_large,  ///< more than body_limit
  redirects,  ///< too many, or to nowhere
  status,     ///< not one of those that are wanted
  body,       ///< the body is not as wanted
  expect,     ///< what the server sent is not as wanted
};
inline constexpr std::array<std::string_view, 14> kProbeFaults = {
    "none", "file",      "resolve",   "connect",   "tls",    "timeout", "closed",
    "io",   "malformed", "too_large", "redirects", "status", "body",    "expect"};
constexpr std::string_view name_of(ProbeFault fault) noexcept { return kProbeFaults[static_cast<std::size_t>(fault)]; }

enum class ProbePhase : std::uint8_t { resolve, connect, tls, processing, transfer };
inline constexpr std::array<std::string_view, 5> kProbePhases = {"resolve", "connect", "tls", "processing", "transfer"};

struct ProbeOutcome {
  ProbeFault fault = ProbeFault::none;
  std::string detail;                   ///< for people, one line
  ProbePhase at = ProbePhase::resolve;  ///< the phase that it reached
  double duration = 0;
  /// Seconds, summed over all redirects; a phase that was not finished is absent.
  std::array<double, kProbePhases.size()> phases = {kAbsent, kAbsent, kAbsent, kAbsent, kAbsent};
  double ip_protocol = kAbsent;  ///< 4 or 6
  double status = kAbsent, http_version = kAbsent, content_length = kAbsent, body_bytes = kAbsent;
  double redirects = 0;
  bool https = false;  ///< the last request went over TLS
  double certificate_expiry = kAbsent;
  std::string tls_version;  ///< "TLS 1.3"

  bool succeeded() const noexcept { return fault == ProbeFault::none; }
  bool fail(ProbeFault why, std::string text) {
    fault = why;
    detail = std::move(text);
    return false;
  }
  void took(ProbePhase phase, std::chrono::steady_clock::duration time) {
    double& sum = phases[static_cast<std::size_t>(phase)];
    sum = (sum == sum ? sum : 0) + std::chrono::duration<double>(time).count();
  }
};

}  // namespace vitalsd
