#include "daemon/service/memory_release.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "core/fd.h"

namespace vitalsd {
namespace {

// The number of mapped pages of files.
std::size_t file_pages() {
  std::ifstream statm("/proc/self/statm");
  std::size_t size = 0, resident = 0, shared = 0;
  statm >> size >> resident >> shared;
  return shared;
}

constexpr std::size_t kPage = 4096;
extern const char large_table[];
const char large_table[1024 * kPage] = {1};  // in the binary's file, and read by this test only

// The number of mapped pages in the table's inner half, since pages at its ends may be mapped along with neighbours
// (Documentation/admin-guide/mm/pagemap.rst).
std::size_t mapped_of_the_table() {
  std::vector<std::uint64_t> entries(sizeof large_table / kPage / 2);
  const auto first = reinterpret_cast<std::uintptr_t>(large_table) / kPage + entries.size() / 2;
  const Fd pagemap(::open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC));
  const std::size_t size = entries.size() * sizeof entries[0];
  EXPECT_EQ(::pread(pagemap.get(), entries.data(), size, static_cast<off_t>(first * sizeof entries[0])),
            static_cast<ssize_t>(size));
  return static_cast<std::size_t>(std::ranges::count_if(entries, [](std::uint64_t entry) { return entry >> 63 != 0; }));
}

struct Base {
  virtual ~Base() = default;
  virtual int number() const { return 1; }
};
struct Derived final : Base {
  int number() const override { return 2; }
};
const char* const kRelocated = "text that a pointer leads to";

TEST(Resident, PagesOfFilesGoAndWhatWasRelocatedStays) {
  const std::size_t before = file_pages();
  give_back_memory();
  const std::size_t after = file_pages();
  EXPECT_LT(after, before / 4 * 3) << "pages";

  const std::unique_ptr<Base> object = std::make_unique<Derived>();
  EXPECT_EQ(object->number(), 2);
  EXPECT_EQ(std::string(kRelocated).size(), 28U);
  EXPECT_NE(::dlsym(RTLD_DEFAULT, "malloc"), nullptr);
  EXPECT_THROW(throw std::runtime_error("unwound"), std::runtime_error);
}

TEST(Resident, WhatIsNeededAgainBringsLittleAlong) {
  give_back_memory();
  ASSERT_EQ(mapped_of_the_table(), 0U);
  const volatile char* const table = large_table;
  EXPECT_EQ(table[sizeof large_table / 2], 0);
  EXPECT_GE(mapped_of_the_table(), 1U);
  EXPECT_LE(mapped_of_the_table(), 4U);
}

TEST(MemoryRelease, ACrowdIsOverOnceItHasGone) {
  BurstWatch burst;
  EXPECT_FALSE(burst.is_over(10, 0));
  EXPECT_FALSE(burst.is_over(100, 0));
  EXPECT_FALSE(burst.is_over(50, 50));
  EXPECT_TRUE(burst.is_over(20, 80));
  EXPECT_FALSE(burst.is_over(5, 95)) << "reported already";
  EXPECT_TRUE(burst.is_over(1, 1100)) << "many, one after the other";
  EXPECT_FALSE(burst.is_over(1, 1200));
}

}  // namespace
}  // namespace vitalsd
