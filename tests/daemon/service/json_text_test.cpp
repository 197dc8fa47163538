// Tests how numbers are written in JSON for people.
#include "daemon/service/json_text.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <limits>

namespace vitalsd {
namespace {

namespace json = boost::json;

TEST(JsonText, WritesNumbersAsPeopleDo) {
  EXPECT_EQ(json_text(json::array{1.29, 0.0, -2.5, 100.0, 0.001}), "[1.29,0,-2.5,100,0.001]");
  EXPECT_EQ(json_text(json::array{7, 18'446'744'073'709'551'615U}), "[7,18446744073709551615]");
  EXPECT_EQ(json_text(json::array{1e300, 5e-324}), "[1e+300,5e-324]");
}

TEST(JsonText, LosesNothingOnTheWayBack) {
  const json::value value = {
      {"a", {1.1, nullptr, true, "x\"\n\x01"}}, {"empty", json::object{}}, {"none", json::array{}}};
  EXPECT_EQ(json::parse(json_text(value)), value) << json_text(value);
}

TEST(JsonText, WritesNullForWhatIsNoNumber) {
  EXPECT_EQ(json_text(json::array{std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}),
            "[null,null]");
}

}  // namespace
}  // namespace vitalsd
