// A collector's options, read with their types.
#include "core/options.h"

#include <gtest/gtest.h>

namespace vitalsd {
namespace {

using namespace std::chrono_literals;

constexpr OptionSpec kSpecs[] = {
    {"flag", OptionType::boolean, "true", ""}, {"text", OptionType::text, "a b", ""},
    {"count", OptionType::integer, "-3", ""},  {"span", OptionType::duration, "1m30s", ""},
    {"room", OptionType::size, "64Ki", ""},    {"list", OptionType::list, "", ""},
    {"records", OptionType::records, "", ""},
};

TEST(Options, GiveTheirDefaultsTyped) {
  const Options options = Options::defaults(kSpecs);
  EXPECT_TRUE(options.flag("flag"));
  EXPECT_EQ(options.text("text"), "a b");
  EXPECT_EQ(options.integer("count"), -3);
  EXPECT_EQ(options.duration("span"), 90s);
  EXPECT_EQ(options.size("room"), 65536U);
  EXPECT_TRUE(options.list("list").empty());
  EXPECT_TRUE(options.records("records").empty());
}

TEST(Options, GiveWhatWasSet) {
  Options options = Options::defaults(kSpecs);
  options.set("flag", {.text = "false", .items = {}, .records = {}});
  options.set("list", {.text = {}, .items = {"x", "y"}, .records = {}});
  options.set("records", {.text = {}, .items = {}, .records = {{{"name", "n"}, {"comm", "c"}}}});
  EXPECT_FALSE(options.flag("flag"));
  EXPECT_EQ(options.list("list"), (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(options.records("records").at(0).texts.at("comm"), "c");
  EXPECT_NE(options, Options::defaults(kSpecs));
  options = Options::defaults(kSpecs);
  EXPECT_EQ(options, Options::defaults(kSpecs));
}

TEST(Options, RefuseWhatIsNotDeclared) {
  const Options options = Options::defaults(kSpecs);
  EXPECT_THROW(options.flag("none"), std::out_of_range);
  EXPECT_THROW(options.list("none"), std::out_of_range);
}

TEST(OptionErrorTest, NamesItsOption) {
  const OptionError error("watch", "names nothing");
  EXPECT_EQ(error.option(), "watch");
  EXPECT_STREQ(error.what(), "names nothing");
}

}  // namespace
}  // namespace vitalsd
