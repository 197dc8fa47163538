// ${NAME} and its other forms are expanded in strings.
#include "daemon/config/interpolate.h"

#include <gtest/gtest.h>

namespace vitalsd::conf {
namespace {

const Environment kEnvironment = {{"A", "one"}, {"B_2", "two"}, {"EMPTY", ""}, {"RAW", "${A}$$"}};

TEST(Interpolate, Expands) {
  const std::pair<const char*, const char*> cases[] = {
      {"", ""},
      {"plain", "plain"},
      {"${A}", "one"},
      {"<${A}${B_2}>", "<onetwo>"},
      {"${EMPTY}", ""},
      {"${EMPTY:-other}", "other"},
      {"${NONE:-other}", "other"},
      {"${NONE:-}", ""},
      {"${A:-other}", "one"},
      {"${A:?needed}", "one"},
      {"${NONE:-${A}/${NONE:-x}}", "one/x"},
      {"${A:-${NONE:?only if used}}", "one"},
      {"${A:-${NONE:-${ALSO}}}", "one"},
      {"${NONE:-a$$b}", "a$b"},
      {"${RAW}", "${A}$$"},
      {"$$", "$"},
      {"$${A}", "${A}"},
      {"$$$$", "$$"},
      {"$A $x$", "$A $x$"},
      {"^(veth.*|lo)$", "^(veth.*|lo)$"},
      {"a}b", "a}b"},
  };
  for (const auto& [text, expected] : cases) {
    const auto result = interpolate(text, kEnvironment);
    ASSERT_TRUE(result) << text << ": " << result.error();
    EXPECT_EQ(*result, expected) << text;
  }
}

TEST(Interpolate, Refuses) {
  const std::string unterminated = "'${' has no '}'; write '$${' for a plain '${'";
  const std::string nameless = "'${' must be followed by a variable's name; write '$${' for a plain '${'";
  const std::pair<const char*, std::string> cases[] = {
      {"${NONE}", "variable NONE is not set; ${NONE:-default} would give it a default"},
      {"${NONE:?the data's place}", "variable NONE is not set, it is needed: 'the data's place'"},
      {"${EMPTY:?}", "variable EMPTY is not set"},
      {"x${", unterminated},
      {"${A", unterminated},
      {"${A:-b", unterminated},
      {"${A:?b", unterminated},
      {"${NONE:-${A}", unterminated},
      {"${}", nameless},
      {"${1}", nameless},
      {"${ A}", nameless},
      {"${A-b}", "after ${A comes '}', ':-default}' or ':?why}', got '-b}'"},
      {"${A:+b}", "after ${A comes '}', ':-default}' or ':?why}', got ':+b}'"},
      {"${A:-${A:-${A:-${A:-${A:-${A:-${A:-${A:-x}}}}}}}}", "defaults are nested too deep"},
  };
  for (const auto& [text, expected] : cases) {
    const auto result = interpolate(text, kEnvironment);
    ASSERT_FALSE(result) << text << ": " << *result;
    EXPECT_EQ(result.error(), expected) << text;
  }
}

TEST(Interpolate, StopsAtItsLimit) {
  std::string text;
  for (int i = 0; i < 65; ++i) text += "${K}";
  const auto result = interpolate(text, {{"K", std::string(1024, 'k')}});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error(), "is longer than 64 KiB");
  EXPECT_TRUE(interpolate(text.substr(4), {{"K", std::string(1024, 'k')}}));
}

}  // namespace
}  // namespace vitalsd::conf
