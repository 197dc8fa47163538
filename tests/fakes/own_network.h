// Runs a function in a forked process that has a network namespace of its own, with the loopback device up.
//   EXPECT_EQ(in_own_network([] { return ip("link add d0 type dummy") ? seen() : "no dummy"; }), "d0");
#pragma once

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>

#include <cstdlib>
#include <functional>
#include <string>

#include "tests/fakes/in_child.h"

namespace vitalsd {

inline bool shell(const std::string& command) {
  return std::system((command + " >/dev/null 2>&1").c_str()) == 0;  // NOLINT(concurrency-mt-unsafe): one thread
}
inline bool ip(const std::string& arguments) { return shell("ip " + arguments); }

inline constexpr const char* kNoNamespace = "no network namespace";

/// Runs it with a sysfs of that namespace on /sys, in a mount namespace of its own.
inline std::string in_own_network(const std::function<std::string()>& run) {
  return in_child([&run]() -> std::string {
    if (::unshare(CLONE_NEWNET | CLONE_NEWNS) != 0) return kNoNamespace;
    if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return kNoNamespace;
    if (::mount("sysfs", "/sys", "sysfs", MS_RDONLY, nullptr) != 0) return kNoNamespace;
    if (!ip("link set lo up")) return kNoNamespace;
    return run();
  });
}

}  // namespace vitalsd

/// Skips the test if this machine does not permit a namespace.
#define EXPECT_IN_OWN_NETWORK(run, expected)                         \
  do {                                                               \
    const std::string outcome = ::vitalsd::in_own_network(run);      \
    if (outcome == ::vitalsd::kNoNamespace) GTEST_SKIP() << outcome; \
    EXPECT_EQ(outcome, expected);                                    \
  } while (false)
