// Tests which word is suggested for a misspelled one.
#include "daemon/config/suggest.h"

#include <gtest/gtest.h>

namespace vitalsd::conf {
namespace {

TEST(EditDistance, CountsEdits) {
  const std::tuple<const char*, const char*, std::size_t> cases[] = {{"", "", 0},
                                                                     {"a", "", 1},
                                                                     {"", "ab", 2},
                                                                     {"same", "same", 0},
                                                                     {"intervall", "interval", 1},
                                                                     {"tiemout", "timeout", 1},
                                                                     {"fersh", "fresh", 1},
                                                                     {"kitten", "sitting", 3},
                                                                     {"listen-address", "listen_address", 0}};
  for (const auto& [a, b, distance] : cases) {
    EXPECT_EQ(edit_distance(a, b), distance) << a << " " << b;
    EXPECT_EQ(edit_distance(b, a), distance) << b << " " << a;
  }
  EXPECT_EQ(edit_distance(std::string(5000, 'a'), "a"), 5000U);
}

TEST(Nearest, IsNearEnoughToBeMeant) {
  const std::vector<std::string_view> known = {"interval", "timeout", "fresh", "enabled"};
  const std::pair<const char*, const char*> cases[] = {{"intervall", "interval"},
                                                       {"enable", "enabled"},
                                                       {"time_out", "timeout"},
                                                       {"frsh", "fresh"},
                                                       {"xyz", ""},
                                                       {"", ""},
                                                       {"procfs", ""}};
  for (const auto& [word, expected] : cases) EXPECT_EQ(nearest(word, known), expected) << word;
  EXPECT_EQ(nearest("b", {"a", "c"}), "");
  EXPECT_EQ(nearest("cat", {"bat", "car"}), "bat");
}

TEST(Suggestion, IsASentenceOrNothing) {
  EXPECT_EQ(suggestion("cpuu", {"cpu", "stat"}), ", did you mean 'cpu'?");
  EXPECT_EQ(suggestion("something", {"cpu", "stat"}), "");
}

}  // namespace
}  // namespace vitalsd::conf
