// What a push makes of a group, and what is refused so that an exposition stays valid.
#include "daemon/publish/group.h"

#include <gtest/gtest.h>

#include "exporters/text.h"

namespace vitalsd {
namespace {

ContentPtr content_of(std::string text) {
  auto content = parse_content(std::move(text), 1000);
  EXPECT_TRUE(content) << content.error().text;
  return content ? *content : nullptr;
}

GroupPtr group_of(GroupLabels labels, std::string text) {
  return std::make_shared<const PushedGroup>(
      PushedGroup{.labels = std::move(labels), .content = content_of(std::move(text)), .pushed = 5});
}

std::string shown(const PushedGroup& group, const HiddenFamilies& hidden = {}) {
  std::string out;
  TextEncoder().encode({block_of(group, hidden)}, out);
  return out;
}

std::string conflict(const PushedGroup& group, std::vector<GroupPtr> others, NameBook own = {}) {
  NameBook names;
  const PushNeighbours neighbours{std::move(others), std::move(own), 5};
  const auto found = find_conflict(group, neighbours, names);
  return found ? std::to_string(found->status) + " " + found->text : "";
}

std::string fault(std::string text, std::size_t most = 1000) {
  const auto content = parse_content(std::move(text), most);
  return content ? "" : std::to_string(content.error().status) + " " + content.error().text;
}

TEST(PushedContent, IsRefusedByLineAndColumn) {
  EXPECT_EQ(fault("a 1\nb x\n"), "400 line 2, column 3: a number is expected");
  EXPECT_EQ(fault("a 1\nb{x=\"\xFF\"} 1\n"), "400 line 2, column 6: no UTF-8 text");
  EXPECT_EQ(fault(std::string("a{x=\"\0\"} 1\n", 11)), "400 line 1, column 6: a NUL");
  EXPECT_EQ(fault("a 1\na 2 1700000000000\n"), "400 line 2, column 1: the same series twice");
  EXPECT_EQ(fault("b 1\na 2 1700000000000\n"), "400 line 2, column 5: pushed metrics must not have timestamps");
  EXPECT_EQ(fault("a 1"), "400 line 1, column 4: the last line has no newline");
  EXPECT_EQ(fault("# TYPE a gauge\n# TYPE a counter\n").substr(0, 11), "400 line 2,");
  EXPECT_EQ(fault("a 1\nb 1\n", 1), "413 more than the 1 series of publish.max_series");
  EXPECT_EQ(fault(""), "");
}

TEST(PushedContent, IsMergedByFamilies) {
  const auto old = content_of(
      "# HELP a A \\\\ of\\nold.\n# TYPE a counter\na{x=\"\\\"\\n\"} 1\nb 2\n# TYPE h histogram\n"
      "h_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 1\n");
  const auto merged = merge_content(*old, *content_of("# TYPE b gauge\nb 3\n# TYPE a counter\n"), 1000);
  ASSERT_TRUE(merged) << merged.error().text;
  EXPECT_EQ((*merged)->text,
            "# HELP a A \\\\ of\\nold.\n# TYPE a counter\na{x=\"\\\"\\n\"} 1\n# TYPE h histogram\n"
            "h_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 1\n# TYPE b gauge\nb 3\n");
}

TEST(PushedContent, MergingMovesNoSampleIntoAHistogram) {
  const auto old = content_of("# TYPE h histogram\nh_bucket{le=\"+Inf\"} 1\n");
  const auto merged = merge_content(*old, *content_of("h_count{x=\"1\"} 1\n"), 1000);
  ASSERT_FALSE(merged);
  EXPECT_EQ(merged.error().text, "h_count has a name of the family h");
}

TEST(PushedGroup, HasItsLabelsAndTheTimesOfPushes) {
  const auto group = group_of({{"job", "j"}, {"host", "h"}}, "m{job=\"mine\",a=\"1\"} 2\npush_time_seconds 7\n");
  const std::string text = shown(*group);
  EXPECT_NE(text.find("\nm{a=\"1\",host=\"h\",instance=\"\",job=\"j\"} 2\n"), text.npos) << text;
  EXPECT_NE(text.find("\npush_time_seconds{host=\"h\",instance=\"\",job=\"j\"} 5\n"), text.npos) << text;
  EXPECT_NE(text.find("\npush_failure_time_seconds{host=\"h\",instance=\"\",job=\"j\"} 0\n"), text.npos) << text;
  EXPECT_EQ(text.find(" 7\n"), text.npos) << text;
}

TEST(PushedGroup, KeepsAnInstanceOfItsOwn) {
  const std::string text = shown(*group_of({{"job", "j"}}, "m{instance=\"i\"} 2\n"));
  EXPECT_NE(text.find("\nm{instance=\"i\",job=\"j\"} 2\n"), text.npos) << text;
}

TEST(PushedGroup, LeavesOutWhatIsHidden) {
  const std::string text = shown(*group_of({{"job", "j"}}, "m 2\nn 3\n"), {"m"});
  EXPECT_EQ(text.find("\nm{"), text.npos) << text;
  EXPECT_NE(text.find("\nn{instance=\"\",job=\"j\"} 3\n"), text.npos) << text;
}

TEST(PushedGroup, SurvivesItsFile) {
  PushedGroup group{.labels = {{"job", "a/b \xC3\xA9"}, {"empty", ""}}, .content = content_of("m 1\n"), .pushed = 1.5};
  group.failed = 2.25;
  group.expires = 1e10;
  const auto again = decode_group(encode_group(group), 10);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->labels, group.labels);
  EXPECT_EQ(again->content->text, "m 1\n");
  EXPECT_EQ(again->pushed, 1.5);
  EXPECT_EQ(again->failed, 2.25);
  EXPECT_EQ(again->expires, 1e10);
  EXPECT_FALSE(decode_group(encode_group(*again).substr(0, 20), 10));
  group.content.reset();
  EXPECT_EQ(decode_group(encode_group(group), 10)->content, nullptr);
}

TEST(PushedGroup, MayNotTakeWhatIsTheDaemons) {
  NameBook own;
  own.add("node_load1", Kind::gauge);
  own.add("process_open_fds", Kind::gauge);
  own.add("lag", Kind::histogram);
  const auto against = [&](std::string text) { return conflict(*group_of({{"job", "j"}}, std::move(text)), {}, own); };
  EXPECT_EQ(against("# TYPE node_load1 gauge\nnode_load1 1\n"), "400 node_load1 is a family of the daemon's own");
  EXPECT_EQ(against("node_load1 1\n"), "400 node_load1 is a family of the daemon's own, of another type");
  EXPECT_EQ(against("lag_count 1\n"), "400 lag_count has a name of the daemon's own family lag");
  EXPECT_EQ(against("# TYPE node summary\nnode_sum 1\n"), "");
  EXPECT_EQ(against("# TYPE process_open_fds gauge\nprocess_open_fds 1\n"), "");
  EXPECT_EQ(against("process_open_fds 1\n"), "400 process_open_fds is a family of the daemon's own, of another type");
}

TEST(PushedGroup, FitsTheOtherGroups) {
  const auto other = group_of({{"job", "j"}, {"host", "h"}}, "# TYPE m gauge\nm 1\n# TYPE h histogram\nh_sum 1\n");
  const auto beside = [&](GroupLabels labels, std::string text) {
    return conflict(*group_of(std::move(labels), std::move(text)), {other});
  };
  EXPECT_EQ(beside({{"job", "j"}}, "# TYPE m gauge\nm 1\n"), "");
  EXPECT_EQ(beside({{"job", "j"}}, "m 1\n"), "400 m has another type in another group");
  EXPECT_EQ(beside({{"job", "j"}}, "h_count 1\n"), "400 h_count has a name of the family h");
  EXPECT_EQ(beside({{"job", "j"}}, "# TYPE m gauge\nm{host=\"h\"} 1\n"),
            "400 m has a series of another group: job=\"j\",host=\"h\"");
  EXPECT_EQ(beside({{"job", "k"}}, "# TYPE m gauge\nm{host=\"h\"} 1\n"), "");
  EXPECT_EQ(beside({{"job", "k"}}, "a{job=\"1\"} 1\na{job=\"2\"} 1\n"),
            "400 a has the same series twice, once it has the group's labels");
  EXPECT_EQ(beside({{"job", "k"}}, "a 1\nb 1\nc 1\nd 1\n"),
            "413 all groups together would have more than the 5 series of publish.max_series");
  EXPECT_EQ(beside({{"job", "k"}, {"le", "5"}}, "# TYPE z histogram\nz_bucket{le=\"1\"} 1\n"),
            "400 z has a label of its own that the group would set");
}

TEST(PushedGroup, IsTheTwinOfOneThatDiffersInEmptyLabels) {
  const auto a = group_of({{"job", "j"}}, "");
  EXPECT_TRUE(is_twin(*a, *group_of({{"job", "j"}, {"x", ""}}, "")));
  EXPECT_FALSE(is_twin(*a, *group_of({{"job", "j"}, {"x", "1"}}, "")));
}

}  // namespace
}  // namespace vitalsd
