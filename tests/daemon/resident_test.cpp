#include "daemon/resident.h"

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <string>

namespace vitalsd {
namespace {

// Pages of files that are mapped now.
std::size_t file_pages() {
  std::ifstream statm("/proc/self/statm");
  std::size_t size = 0, resident = 0, shared = 0;
  statm >> size >> resident >> shared;
  return shared;
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

}  // namespace
}  // namespace vitalsd
