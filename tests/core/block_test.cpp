// The arena of samples: order, grouping, escaping, reuse.
#include "core/block.h"

#include <gtest/gtest.h>

#include <array>
#include <deque>

#include "core/sink.h"

namespace vitalsd {
namespace {

constexpr std::array<std::string_view, 2> kNames = {"cpu", "mode"};
constexpr Family kA{"a_total", Kind::counter, "A.", "", kNames};
constexpr Family kB{"b", Kind::gauge, "B."};

// Shows "name{labels}part=value ..." in the order of the finished block.
std::string shown(const Block& block) {
  std::string out;
  for (const auto& group : block.groups()) {
    for (const Sample& sample : block.samples(group)) {
      out += std::string(group.family->name) + "{" + std::string(block.label_text(sample.labels)) + "}" +
             std::to_string(static_cast<int>(sample.part)) + "=" + std::to_string(static_cast<int>(sample.value)) + " ";
    }
  }
  return out;
}

TEST(Block, GroupsByFamilyInTheOrderOfInsertion) {
  Block block;
  BlockSink sink(block);
  sink.add(kB, 1);
  sink.add(kA, {"0", "idle"}, 2);
  sink.add(kB, 3);
  sink.add(kA, {"1", "idle"}, 4);
  block.finish();
  EXPECT_EQ(shown(block), "b{}0=1 b{}0=3 a_total{cpu=\"0\",mode=\"idle\"}0=2 a_total{cpu=\"1\",mode=\"idle\"}0=4 ");
  EXPECT_EQ(block.samples().size(), 4U);
}

TEST(Block, IsTheSameWhenItIsUsedAgain) {
  Block block;
  BlockSink sink(block);
  for (int round = 0; round < 3; ++round) {
    block.clear();
    EXPECT_TRUE(block.groups().empty());
    const std::array<std::string_view, 2> values = {"0", round == 1 ? "user" : "idle"};
    const LabelId labels = sink.labels(kNames, values);
    sink.add(kA, labels, round);
    sink.add(kB, labels, 5);
    sink.add(kA, labels, 6, Part::sum);
    block.finish();
    const std::string text = "{cpu=\"0\",mode=\"" + std::string(values[1]) + "\"}";
    EXPECT_EQ(shown(block),
              "a_total" + text + "0=" + std::to_string(round) + " a_total" + text + "2=6 b" + text + "0=5 ");
  }
}

TEST(Block, KeepsManyFamiliesApart) {
  std::deque<std::string> names;
  std::deque<Family> families;
  for (int i = 0; i < 1000; ++i) families.push_back({names.emplace_back("f" + std::to_string(i)), Kind::gauge, ""});
  Block block;
  for (int round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < families.size(); ++i) {
      block.append(families[i * 7 % families.size()], kNoLabels, round * 1000 + static_cast<double>(i), Part::value);
    }
  }
  block.finish();
  ASSERT_EQ(block.groups().size(), 1000U);
  for (std::size_t i = 0; i < families.size(); ++i) {
    const auto& group = block.groups()[i];
    ASSERT_EQ(group.family, &families[i * 7 % families.size()]);
    ASSERT_EQ(block.samples(group).size(), 2U);
    EXPECT_EQ(block.samples(group)[0].value, static_cast<double>(i));
    EXPECT_EQ(block.samples(group)[1].value, 1000 + static_cast<double>(i));
  }
}

TEST(Block, EscapesLabelValuesOnce) {
  Block block;
  const std::array<std::string_view, 1> name = {"l"};
  const std::array<std::string_view, 1> value = {"a\\b\"c\nd\xff"};
  EXPECT_EQ(block.label_text(block.add_labels(name, value)), "l=\"a\\\\b\\\"c\\nd\xef\xbf\xbd\"");
  EXPECT_EQ(block.add_labels({}, {}), kNoLabels);
  EXPECT_EQ(block.label_text(kNoLabels), "");
}

TEST(Block, HoldsTheOwnerOfItsFamiliesUntilCleared) {
  auto owner = std::make_shared<int>(1);
  const std::weak_ptr<int> watch = owner;
  Block block;
  block.keep(std::move(owner));
  EXPECT_FALSE(watch.expired());
  block.clear();
  EXPECT_TRUE(watch.expired());
}

struct Pair {
  double one, two;
};
constexpr std::array kRows = {Row<Pair>{{"one", Kind::gauge, ""}, [](const Pair& p) { return p.one; }},
                              Row<Pair>{{"two", Kind::gauge, ""}, [](const Pair& p) { return p.two; }}};

TEST(Sink, LeavesOutWhatIsAbsent) {
  Block block;
  BlockSink sink(block);
  sink.add_rows(kRows, Pair{kAbsent, 2});
  block.finish();
  EXPECT_EQ(shown(block), "two{}0=2 ");
  constexpr auto kList = family_list<family_total(kRows, kA)>(kRows, kA);
  ASSERT_EQ(kList.size(), 3U);
  EXPECT_EQ(kList[1]->name, "two");
  EXPECT_EQ(kList[2], &kA);
}

}  // namespace
}  // namespace vitalsd
