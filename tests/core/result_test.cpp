// Error codes, their names, and their description for people.
#include "core/result.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace vitalsd {
namespace {

TEST(ClassifyErrno, MapsEachErrnoOfAMonitoredFile) {
  const std::pair<int, Errc> cases[] = {
      {ENOENT, Errc::unavailable},
      {ENOTDIR, Errc::unavailable},
      {EOPNOTSUPP, Errc::unavailable},
      {ENOSYS, Errc::unavailable},
      {ENXIO, Errc::unavailable},
      {ESRCH, Errc::vanished},
      {ENODEV, Errc::vanished},
      {EACCES, Errc::denied},
      {EPERM, Errc::denied},
      {EIO, Errc::io},
      {EMFILE, Errc::io},
      {0, Errc::io},
  };
  for (const auto& [sys, code] : cases) EXPECT_EQ(classify_errno(sys), code) << sys;
}

TEST(NameOf, IsStable) {
  const std::pair<Errc, const char*> cases[] = {
      {Errc::unavailable, "unavailable"},
      {Errc::vanished, "vanished"},
      {Errc::denied, "denied"},
      {Errc::malformed, "malformed"},
      {Errc::too_large, "too_large"},
      {Errc::timed_out, "timed_out"},
      {Errc::io, "io"},
      {Errc::would_open, "would_open"},
  };
  for (const auto& [code, name] : cases) EXPECT_EQ(name_of(code), name);
}

TEST(Describe, NamesPlaceCodeAndErrno) {
  EXPECT_EQ(describe({Errc::denied, EACCES, "1/io"}), "1/io: denied (Permission denied)");
  EXPECT_EQ(describe({Errc::malformed, 0, "loadavg"}), "loadavg: malformed");
  EXPECT_EQ(describe({Errc::timed_out, 0, ""}), "timed_out");
}

TEST(Fail, MakesTheErrorArm) {
  const Result<int> result = fail(Errc::too_large, "stat", EFBIG);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::too_large);
  EXPECT_EQ(result.error().sys, EFBIG);
  EXPECT_EQ(result.error().where, "stat");
  const Result<void> passed_on = fail(result.error());
  EXPECT_EQ(passed_on.error().where, "stat");
}

}  // namespace
}  // namespace vitalsd
