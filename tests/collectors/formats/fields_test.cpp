// /proc/meminfo and /proc/vmstat, whose names differ between kernels.
#include "collectors/formats/fields.h"

#include <gtest/gtest.h>

#include <string>

#include "collectors/kit/field_families.h"
#include "tests/fakes/run_collector.h"

namespace vitalsd {
namespace {

using namespace std::string_literals;

NoFaults no_faults;

TEST(Meminfo, ReadsBytesAndCounts) {
  std::vector<Field> fields;
  ASSERT_TRUE(meminfo::parse(
      "MemTotal:  3742148 kB\n\nActive(anon): 0 kB\nHugePages_Total:       5\nOdd: 5 MB\nVmallocTotal: 34359738367 kB",
      fields, no_faults));
  ASSERT_EQ(fields.size(), 4U);
  EXPECT_EQ(fields[0].name, "MemTotal");
  EXPECT_EQ(fields[0].value, 3742148.0 * 1024);
  EXPECT_TRUE(fields[0].bytes);
  EXPECT_EQ(fields[1].name, "Active(anon)");
  EXPECT_EQ(fields[2].name, "HugePages_Total");
  EXPECT_EQ(fields[2].value, 5);
  EXPECT_FALSE(fields[2].bytes);
  EXPECT_EQ(fields[3].value, 34359738367.0 * 1024);
}

TEST(Meminfo, RefusesTheRest) {
  std::vector<Field> fields;
  for (const std::string& text :
       {""s, "\n\n"s, "MemTotal 1 kB\n"s, "MemTotal: kB\n"s, "MemTotal:\n 5 kB"s, ": 5 kB\n"s, "A: -5 kB\n"s,
        "A: 18446744073709551616 kB"s, "A: 5 MB\n"s, "A: 1\0 kB"s, std::string(100000, 'x')}) {
    EXPECT_FALSE(meminfo::parse(text, fields, no_faults)) << text.substr(0, 40);
  }
}

TEST(Meminfo, BadLinesCostThemselvesAndAreBounded) {
  std::vector<Field> fields;
  ASSERT_TRUE(meminfo::parse("        total:    used:\nA: 5 kB\nB\nC: 1\n", fields, no_faults));
  ASSERT_EQ(fields.size(), 2U);
  EXPECT_EQ(fields[1].name, "C");
  std::string many;
  for (std::size_t i = 0; i <= kMostFields; ++i) many += "a: 1\n";
  ASSERT_TRUE(meminfo::parse(many, fields, no_faults));
  EXPECT_EQ(fields.size(), kMostFields);
}

TEST(Meminfo, PassesOverTheTableOfLinux24) {
  std::vector<Field> fields;
  RecordingFaults lost;
  ASSERT_TRUE(meminfo::parse("        total:    used:    free:\nMem:  261320704 250601472 10719232\nMemTotal: 5 kB\n",
                             fields, lost));
  ASSERT_EQ(fields.size(), 1U);
  EXPECT_EQ(fields[0].name, "MemTotal");
  EXPECT_TRUE(lost.faults.empty());
}

TEST(Vmstat, ReadsNamesAndNumbers) {
  std::vector<Field> fields;
  ASSERT_TRUE(vmstat::parse("pgfault 18446744073709551615\n\nnr_dirty -3\n", fields, no_faults));
  ASSERT_EQ(fields.size(), 2U);
  EXPECT_EQ(fields[0].name, "pgfault");
  EXPECT_EQ(fields[0].value, 18446744073709551615.0);
  EXPECT_EQ(fields[1].value, -3);
  for (const std::string& text :
       {""s, "\n"s, "pgfault\n"s, "pgfault x\n"s, "pgfault\n5\n"s, "a 18446744073709551616\n"s, "a 1\0\n"s}) {
    EXPECT_FALSE(vmstat::parse(text, fields, no_faults)) << text.substr(0, 40);
  }
}

constexpr std::array kKnown = {
    KnownField{"Alpha", {"node_memory_Alpha_bytes", Kind::gauge, "Known.", "bytes"}},
    KnownField{"Beta", {"node_memory_Beta", Kind::gauge, "Known.", {}}},
};
constexpr FieldFamilies::Shape kShape{.prefix = "node_memory_", .help_before = "Field "};

TEST(FieldFamilies, KnowSomeAndMakeTheRest) {
  FieldFamilies families(kKnown, kShape);
  EXPECT_EQ(families.find(0, {"Alpha", 1, true}), &kKnown[0].family);
  EXPECT_EQ(families.find(1, {"Beta", 1, false}), &kKnown[1].family);
  const Family* made = families.find(2, {"New(kind)", 1, true});
  ASSERT_NE(made, nullptr);
  EXPECT_EQ(made->name, "node_memory_New_kind_bytes");
  EXPECT_EQ(made->help, "Field New_kind_bytes.");
  EXPECT_EQ(made->unit, "bytes");
  EXPECT_EQ(families.find(2, {"New(kind)", 1, true}), made);
}

TEST(FieldFamilies, FollowAFileThatChanges) {
  FieldFamilies families(kKnown, kShape);
  EXPECT_EQ(families.find(0, {"Alpha", 1, true}), &kKnown[0].family);
  EXPECT_EQ(families.find(1, {"Beta", 1, false}), &kKnown[1].family);
  EXPECT_EQ(families.find(0, {"Beta", 1, false}), &kKnown[1].family);
  EXPECT_EQ(families.find(1, {"Alpha", 1, true}), &kKnown[0].family);
  const Family* count = families.find(0, {"Alpha", 1, false});  // it lost its unit, so it is another family
  ASSERT_NE(count, nullptr);
  EXPECT_EQ(count->name, "node_memory_Alpha");
}

TEST(FieldFamilies, NeverGiveOneSeriesTwice) {
  FieldFamilies families(kKnown, kShape);
  EXPECT_NE(families.find(0, {"Alpha", 1, true}), nullptr);
  EXPECT_EQ(families.find(1, {"Alpha", 1, true}), nullptr);
  EXPECT_EQ(families.find(1, {"Alpha", 1, true}), nullptr);
  EXPECT_NE(families.find(2, {"A(b)", 1, true}), nullptr);
  EXPECT_EQ(families.find(3, {"A_b", 1, true}), nullptr);
  EXPECT_EQ(families.find(4, {"Alpha_bytes", 1, false}), nullptr);  // the name of a known family
}

TEST(FieldFamilies, MakeNamesThatAreNames) {
  FieldFamilies families(kKnown, kShape);
  EXPECT_EQ(families.find(0, {"a b\"\n\xff{}", 1, false})->name, "node_memory_a_b_____");
}

TEST(FieldFamilies, HaveALimit) {
  FieldFamilies families(kKnown, kShape);
  for (std::size_t i = 0; i < FieldFamilies::kMostMade; ++i) {
    ASSERT_NE(families.find(i, {"f" + std::to_string(i), 1, false}), nullptr);
  }
  EXPECT_EQ(families.find(FieldFamilies::kMostMade, {"one_more", 1, false}), nullptr);
}

TEST(FieldFamilies, AskOnceForEachLine) {
  int asked = 0;
  FieldFamilies families(kKnown, kShape, [&asked](std::string_view name) {
    ++asked;
    return name == "Beta";
  });
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(families.find(0, {"Alpha", 1, true}), nullptr);
    EXPECT_EQ(families.find(1, {"Beta", 1, false}), &kKnown[1].family);
  }
  EXPECT_EQ(asked, 2);
}

}  // namespace
}  // namespace vitalsd
