// Proportional memory, summed up by the kernel or by the daemon.
#include "collectors/process/sources/smaps_reader.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "tests/fakes/fake_host.h"
#include "tests/fakes/forwarding_files.h"
#include "tests/fakes/run_collector.h"

namespace vitalsd {
namespace {

constexpr const char* kRollup = "Pss: 100 kB\nSwapPss: 4 kB\n";
constexpr const char* kMappings = "1-2 r /x\nPss: 20 kB\nSwapPss: 1 kB\n2-3 r\nPss: 3 kB\nSwapPss: 0 kB\n";

class Smaps : public testing::Test, protected FakeHost {
 protected:
  Result<void> read(std::int32_t pid = 7) {
    CollectContext context{host, {}, {}, buffer_, faults_};
    ProcessSample sample;
    sample.id.pid = pid;
    sample.threads = 1;
    sample.virtual_bytes = 1;
    memory = {};
    reader_.begin_round(context);
    return reader_.read(context, sample, memory);
  }
  SmapsReader::Memory memory;
  std::string buffer_;

 private:
  RecordingFaults faults_;
  SmapsReader reader_{0};
};

TEST_F(Smaps, OfTheKernelsSumAreTakenWhereThereIsOne) {
  procfs->file("7/smaps_rollup", kRollup).file("7/smaps", kMappings);
  ASSERT_TRUE(read());
  EXPECT_EQ(memory.pss, 100U * 1024);
  EXPECT_EQ(memory.swap_pss, 4U * 1024);
}

TEST_F(Smaps, AreAddedUpWhereTheKernelHasNoSum) {
  procfs->file("7/smaps", kMappings);
  ASSERT_TRUE(read());
  EXPECT_TRUE(memory.known);
  EXPECT_EQ(memory.pss, 23U * 1024);
  EXPECT_EQ(memory.swap_pss, 1U * 1024);
}

TEST_F(Smaps, OfAProcessThatHasGoneAreNothing) {
  self->file("smaps_rollup", kRollup);
  procfs->file("7/smaps", kMappings);  // another process has the pid by now
  ASSERT_TRUE(read());
  EXPECT_FALSE(memory.known);
}

TEST_F(Smaps, ASumThatLacksALineIsNone) {
  procfs->file("7/smaps", "1-2 r\nPss: 20 kB\n");
  EXPECT_EQ(read().error().code, Errc::malformed);
  EXPECT_FALSE(memory.known);
}

// A kernel without smaps_rollup.
class OldKernel final : public ForwardingFiles {
 public:
  using ForwardingFiles::ForwardingFiles;
  Result<std::string_view> read(std::string_view path, std::string& buffer, Keep keep) const override {
    if (path.ends_with("smaps_rollup")) return fail(Errc::unavailable, "smaps_rollup", ENOENT);
    return ForwardingFiles::read(path, buffer, keep);
  }
};

// With many mappings the file is much larger than what any source reads at once.
TEST_F(Smaps, OfManyMappingsAreReadInPieces) {
  constexpr std::size_t kPages = 20'000;
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  void* const memory_map = ::mmap(nullptr, kPages * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(memory_map, MAP_FAILED);
  auto* const bytes = static_cast<char*>(memory_map);
  for (std::size_t i = 0; i < kPages; i += 2) {
    bytes[i * page] = 1;
    ASSERT_EQ(::mprotect(bytes + (i + 1) * page, page, PROT_NONE), 0);
  }
  const auto mapped = kPages / 2 * page;
  host.procfs = std::make_unique<OldKernel>("/proc");
  host.self = std::make_unique<OldKernel>("/proc/self");
  ASSERT_TRUE(read(::getpid()));
  ::munmap(memory_map, kPages * page);
  EXPECT_TRUE(memory.known);
  EXPECT_GE(memory.pss, mapped);
  EXPECT_LT(buffer_.size(), std::size_t{1} << 20U);
}

}  // namespace
}  // namespace vitalsd
