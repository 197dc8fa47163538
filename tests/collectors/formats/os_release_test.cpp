// os-release(5): quotes, escapes and lines that are not assignments.
#include "collectors/formats/os_release.h"

#include <gtest/gtest.h>

#include <string>

namespace vitalsd {
namespace {

NoFaults no_faults;

TEST(OsRelease, UnquotesAsAShell) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"NAME=plain", "plain"},
      {"NAME=", ""},
      {"NAME=\"two words\"", "two words"},
      {"NAME='single $x \\n'", "single $x \\n"},
      {"NAME=\"a \\\"quoted\\\" \\$5 \\`x\\` \\\\ \\n\"", "a \"quoted\" $5 `x` \\ \\n"},
      {"NAME=un\\ quoted", "un quoted"},
      {"NAME=\"mixed\"'kinds'plain", "mixedkindsplain"},
      {"  NAME=padded  \r", "padded"},
      {"NAME=\"it's\"", "it's"},
      {"NAME=a=b", "a=b"},
      {"NAME=first\nNAME=second", "second"},
      {"NAME=kept\nNAME=\"open", "kept"},
      {"NAME=end\\", "end\\"},
      {"NAME=\"\xff\"", "\xff"},
  };
  for (const auto& [text, name] : cases) {
    const auto release = os_release::parse(text, no_faults);
    ASSERT_TRUE(release) << text;
    EXPECT_EQ(release->name, name) << text;
  }
}

TEST(OsRelease, ReadsEveryKey) {
  const auto r = os_release::parse(
      "#NAME=comment\nBUILD_ID=1\nID=2\nID_LIKE=3\nIMAGE_ID=4\nIMAGE_VERSION=5\nNAME=6\nPRETTY_NAME=7\nVARIANT="
      "8\nVARIANT_ID=9\n"
      "VERSION=10\nVERSION_CODENAME=11\nVERSION_ID=12\nSUPPORT_END=2030-01-02\nHOME_URL=x\nnonsense\n",
      no_faults);
  ASSERT_TRUE(r);
  EXPECT_EQ(r->build_id + r->id + r->id_like + r->image_id + r->image_version + r->name, "123456");
  EXPECT_EQ(r->pretty_name + r->variant + r->variant_id + r->version + r->version_codename + r->version_id,
            "789101112");
  EXPECT_EQ(r->support_end, "2030-01-02");
}

TEST(OsRelease, RefusesWhatNamesNothing) {
  for (const std::string text :
       {"", "\n\n", "# NAME=x\n", "name=x\n", "NAME\n", "NAME='open\n", "HOME_URL=x\n", "\n=x\n"}) {
    EXPECT_FALSE(os_release::parse(text, no_faults)) << text;
  }
}

TEST(OsRelease, TakesTheNumberOfTheVersion) {
  const std::vector<std::pair<std::string, std::optional<double>>> cases = {
      {"20.04", 20.04}, {"12", 12}, {"12.", 12}, {"8.6.1", 8.6},  {"", {}},
      {"rolling", {}},  {".5", {}}, {"0", {}},   {"2024a", 2024}, {"-3", {}},
  };
  for (const auto& [text, number] : cases) {
    OsRelease release;
    release.version_id = text;
    EXPECT_EQ(release.major_minor(), number) << text;
  }
}

TEST(OsRelease, TakesTheEndOfSupport) {
  const std::vector<std::pair<std::string, std::optional<double>>> cases = {
      {"1970-01-02", 86400},
      {"2028-06-30", 1845936000},
      {"2024-02-29", 1709164800},
      {"2023-02-29", {}},
      {"2028-13-01", {}},
      {"2028-6-30", {}},
      {"", {}},
      {"28-06-30xx", {}},
      {"2028-06-3x", {}},
      {"2028/06/30", {}},
  };
  for (const auto& [text, seconds] : cases) {
    OsRelease release;
    release.support_end = text;
    EXPECT_EQ(release.support_end_seconds(), seconds) << text;
  }
}

}  // namespace
}  // namespace vitalsd
