// The iterator's records, and the refusal to load it, without a kernel that runs it.
#include <errno.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <limits>
#include <stop_token>
#include <string>

#include "collectors/process/sources/bpf/cputime.h"
#include "collectors/process/sources/bpf/records.h"
#include "collectors/process/sources/bpf/refusal.h"
#include "core/fd.h"

namespace vitalsd {
namespace {

constexpr std::uint64_t kTick = 10'000'000;

ProcessRecord record_of(std::uint32_t pid) {
  ProcessRecord record{};
  record.size = sizeof record;
  record.flags = kRecordIo | kRecordDelay | kRecordMemory | kRecordFds | kRecordScaled;
  record.pid = pid;
  record.start = 7 * kTick + 1;
  std::strcpy(record.comm, "name");
  return record;
}

class BpfRecords : public testing::Test {
 protected:
  // Reads one round from `bytes`, through a buffer of `size`.
  Result<void> read(std::span<const char> bytes, std::vector<ProcessSample>& out, std::size_t size = 4096,
                    const ProcessSample* first = nullptr) {
    const Fd file(::memfd_create("records", MFD_CLOEXEC));
    EXPECT_EQ(::write(file.get(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
    ::lseek(file.get(), 0, SEEK_SET);
    std::vector<char> buffer(size);
    const auto samples = records_.read(file.get(), buffer, {}, first);
    if (!samples) return fail(samples.error());
    out.assign(samples->begin(), samples->end());
    return {};
  }
  std::vector<ProcessSample> round(const std::vector<ProcessRecord>& all) {
    std::vector<ProcessSample> out;
    EXPECT_TRUE(read(bytes_of(all), out));
    return out;
  }
  ProcessCounts counts_of(const ProcessRecord& record) { return round({record}).at(0).counts; }

  static std::span<const char> bytes_of(const std::vector<ProcessRecord>& all) {
    return {reinterpret_cast<const char*>(all.data()), all.size() * sizeof(ProcessRecord)};
  }

  Records records_{Units{.ticks_per_second = 100, .page_size = 4096}};
};

TEST(BpfState, LettersAreThoseOfProcfs) {
  EXPECT_EQ(state_letter(0, 0), 'R');
  EXPECT_EQ(state_letter(0x1, 0), 'S');
  EXPECT_EQ(state_letter(0x2, 0), 'D');
  EXPECT_EQ(state_letter(0x4, 0), 'T');
  EXPECT_EQ(state_letter(0x8, 0), 't');
  EXPECT_EQ(state_letter(0x80, 0x10), 'X');
  EXPECT_EQ(state_letter(0x80, 0x20), 'Z');
  EXPECT_EQ(state_letter(0x40, 0), 'P');
  EXPECT_EQ(state_letter(0x402, 0), 'I');
  EXPECT_EQ(state_letter(0x102, 0), 'D') << "killable";
  EXPECT_EQ(state_letter(0x2001, 0), 'S') << "freezable";
  EXPECT_EQ(state_letter(0x8000, 0), 'D') << "frozen";
  EXPECT_EQ(state_letter(0x1000, 0), 'D') << "waits for a lock (PREEMPT_RT)";
  EXPECT_EQ(state_letter(0x800, 0), 'R') << "new";
  EXPECT_EQ(state_letter(0xffffffff, 0xffffffff), 'D');
}

TEST(BpfCpuTimes, DivideTheRunTimeByTheTicks) {
  EXPECT_EQ(scale_cpu_times({3, 1}, 1000, {}), (CpuTimes{750, 250}));
  EXPECT_EQ(scale_cpu_times({3, 0}, 1000, {}), (CpuTimes{1000, 0}));
  EXPECT_EQ(scale_cpu_times({0, 3}, 1000, {}), (CpuTimes{0, 1000}));
  EXPECT_EQ(scale_cpu_times({0, 0}, 1000, {}), (CpuTimes{1000, 0})) << "no tick yet: taken as user time";
  constexpr std::uint64_t kYears = 1ULL << 60U;
  EXPECT_EQ(scale_cpu_times({kYears, kYears}, kYears, {}), (CpuTimes{kYears / 2, kYears / 2}));
}

TEST(BpfCpuTimes, NeitherFallsBelowThePreviousResult) {
  EXPECT_EQ(scale_cpu_times({3, 1}, 1000, {100, 300}), (CpuTimes{700, 300}));
  EXPECT_EQ(scale_cpu_times({1, 3}, 1000, {300, 100}), (CpuTimes{300, 700}));
  EXPECT_EQ(scale_cpu_times({1, 3}, 1000, {300, 800}), (CpuTimes{300, 800})) << "the run time fell";
}

TEST_F(BpfRecords, AreReadInWhole) {
  ProcessRecord record = record_of(42);
  record.ppid = 7;
  record.uid = 1000;
  record.exec_id = (std::uint64_t{1} << 32U) + 5;
  record.threads = 3;
  record.state = 1;
  record.virtual_pages = 100;
  record.anon_pages = 3;
  record.file_pages = 4;
  record.shmem_pages = -1;
  record.swap_pages = 2;
  record.fds = 9;
  record.fd_limit = std::numeric_limits<std::uint64_t>::max();
  const auto sample = round({record}).at(0);
  EXPECT_EQ(sample.id, (ProcessId{42, 7}));
  EXPECT_EQ(sample.ppid, 7);
  EXPECT_EQ(sample.uid, 1000U);
  EXPECT_EQ(sample.exec_id, 5U);
  EXPECT_EQ(sample.threads, 3U);
  EXPECT_EQ(std::string_view(sample.comm), "name");
  EXPECT_EQ(sample.virtual_bytes, 409'600U);
  EXPECT_EQ(sample.shmem_bytes, 0U);
  EXPECT_EQ(sample.resident_bytes, 7 * 4096U);
  EXPECT_EQ(sample.swap_bytes, 8192U);
  EXPECT_EQ(sample.fds, 9U);
  EXPECT_EQ(sample.fd_limit, ProcessSample::kUnlimited);
  record.flags = 0;
  const auto less = round({record}).at(0);
  EXPECT_FALSE(less.has & (Has::io | Has::run_delay | Has::resident | Has::swap | Has::fds));
  EXPECT_EQ(less.resident_bytes + less.virtual_bytes + less.swap_bytes + less.fds, 0U);
}

TEST_F(BpfRecords, MayComeInPieces) {
  const std::vector<ProcessRecord> all = {record_of(1), record_of(2), record_of(3), record_of(4)};
  for (const std::size_t more : {0, 1, 8, 279, 280, 281, 900}) {
    std::vector<ProcessSample> out;
    ASSERT_TRUE(read(bytes_of(all), out, sizeof(ProcessRecord) + more));
    ASSERT_EQ(out.size(), 4U);
    for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(out[i].id.pid, all[i].pid) << more;
  }
}

TEST_F(BpfRecords, ACutOneFails) {
  const std::vector<ProcessRecord> all = {record_of(1), record_of(2)};
  const auto bytes = bytes_of(all);
  std::vector<ProcessSample> out;
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto done = read(bytes.first(size), out);
    ASSERT_EQ(done.has_value(), size % sizeof(ProcessRecord) == 0) << size;
    if (!done) {
      EXPECT_EQ(done.error().code, Errc::malformed);
    }
  }
}

TEST_F(BpfRecords, OfAnotherFormAreRefused) {
  std::vector<ProcessSample> out;
  for (const auto spoil :
       {+[](ProcessRecord& record) { record.size -= 8; }, +[](ProcessRecord& record) { record.pid = 1U << 31U; }}) {
    ProcessRecord record = record_of(1);
    spoil(record);
    const auto done = read(bytes_of({record}), out);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, Errc::malformed);
  }
  EXPECT_TRUE(out.empty());
}

TEST_F(BpfRecords, ADescriptorThatCannotBeReadFails) {
  std::vector<char> buffer(4096);
  const auto done = records_.read(-1, buffer, {});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().sys, EBADF);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(records_.read(-1, buffer, stop.get_token()).error().code, Errc::timed_out);
}

TEST_F(BpfRecords, ANameWithoutEndIsCut) {
  ProcessRecord record = record_of(1);
  std::memset(record.comm, 'x', sizeof record.comm);
  EXPECT_EQ(std::string_view(round({record}).at(0).comm), std::string(63, 'x'));
}

TEST_F(BpfRecords, LeaveOutAProcessOutsideTheNamespace) { EXPECT_TRUE(round({record_of(0)}).empty()); }

TEST_F(BpfRecords, CountsDoNotFall) {
  ProcessRecord record = record_of(5);
  record.user = 3;
  record.system = 1;
  record.run_time = 1000;
  record.read_bytes = 50;
  record.minor_faults = 10;
  const ProcessCounts first = counts_of(record);
  EXPECT_EQ(first.user, 750U);
  record.user = 1;  // the ticks found another ratio, and an ended thread was missed
  record.system = 3;
  record.run_time = 1100;
  record.read_bytes = 20;
  record.minor_faults = 12;
  const ProcessCounts second = counts_of(record);
  EXPECT_EQ(second.user, 750U);
  EXPECT_EQ(second.system, 350U);
  EXPECT_EQ(second.read_bytes, 50U);
  EXPECT_EQ(second.minor_faults, 12U);
}

TEST_F(BpfRecords, RunDelayOutlivesTheThreadThatHadIt) {
  ProcessRecord record = record_of(5);
  for (const auto& [living, sum] : {std::pair{100U, 100U}, {130U, 130U}, {40U, 130U}, {45U, 135U}, {45U, 135U}}) {
    record.run_delay = living;
    EXPECT_EQ(round({record, record_of(9)}).at(0).counts.run_delay, sum);
  }
}

TEST_F(BpfRecords, AnotherProcessWithThatPidBeginsAnew) {
  ProcessRecord record = record_of(5);
  record.read_bytes = 50;
  round({record_of(3), record, record_of(9)});
  record.start += 5 * kTick;
  record.read_bytes = 20;
  const auto samples = round({record_of(4), record, record_of(9)});
  EXPECT_EQ(samples.at(1).counts.read_bytes, 20U);
}

UnchangedRecord unchanged(std::uint32_t pid) { return {sizeof(UnchangedRecord), pid}; }

// Full and short records, one after another, as the kernel writes them.
template <class... Each>
std::vector<char> bytes_of_all(const Each&... records) {
  std::vector<char> bytes;
  const auto add = [&bytes](const auto& record) {
    const auto* begin = reinterpret_cast<const char*>(&record);
    bytes.insert(bytes.end(), begin, begin + sizeof record);
  };
  (add(records), ...);
  return bytes;
}

TEST_F(BpfRecords, AnUnchangedProcessIsAsItWas) {
  ProcessRecord record = record_of(5);
  record.read_bytes = 50;
  round({record_of(3), record, record_of(9)});
  std::vector<ProcessSample> out;
  for (const std::size_t size : {std::size_t{4096}, sizeof(ProcessRecord)}) {
    ASSERT_TRUE(read(bytes_of_all(unchanged(3), unchanged(5), record_of(6), unchanged(9)), out, size));
    ASSERT_EQ(out.size(), 4U);
    EXPECT_EQ(out[1].id, (ProcessId{5, 7}));
    EXPECT_EQ(out[1].counts.read_bytes, 50U);
    EXPECT_EQ(out[3].id.pid, 9);
    ASSERT_TRUE(read(bytes_of_all(unchanged(0), unchanged(5), unchanged(9)), out, size)) << "and 3 and 6 have gone";
    ASSERT_EQ(out.size(), 2U);
    EXPECT_EQ(out[0].counts.read_bytes, 50U);
    EXPECT_EQ(out[1].id.pid, 9);
    round({record_of(3), record, record_of(9)});
  }
}

TEST_F(BpfRecords, AnUnchangedProcessThatNobodyKnowsIsRefused) {
  round({record_of(3), record_of(5)});
  std::vector<ProcessSample> out;
  for (const std::uint32_t pid : {1U, 4U, 6U, 1U << 31U}) {
    const auto done = read(bytes_of_all(unchanged(pid)), out);
    ASSERT_FALSE(done) << pid;
    EXPECT_EQ(done.error().code, Errc::malformed);
  }
}

TEST_F(BpfRecords, ASampleFromAnotherSourceComesFirst) {
  ProcessSample init;
  init.id = {1, 0};
  std::vector<ProcessSample> out;
  for (int i = 0; i < 2; ++i) {
    init.fds = static_cast<std::uint64_t>(i);
    ASSERT_TRUE(read(bytes_of_all(record_of(3)), out, 4096, &init));
    ASSERT_EQ(out.size(), 2U);
    EXPECT_EQ(out[0].id.pid, 1);
    EXPECT_EQ(out[0].fds, static_cast<std::uint64_t>(i));
  }
}

TEST_F(BpfRecords, ARoundThatFailedForgetsNobody) {
  ProcessRecord record = record_of(5);
  record.read_bytes = 50;
  round({record});
  std::vector<ProcessSample> out;
  const std::vector<ProcessRecord> other = {record_of(1), record_of(2)};
  ASSERT_FALSE(read(bytes_of(other).first(sizeof(ProcessRecord) + 1), out));
  record.read_bytes = 20;
  EXPECT_EQ(counts_of(record).read_bytes, 50U);
}

Refusal permitted(int sys) { return {.sys = sys, .cap_bpf = true, .cap_perfmon = true, .kernel = "6.1.0-18-amd64"}; }

void expect_why(const Refusal& refusal, std::string_view beginning) {
  const std::string why = explain(refusal);
  EXPECT_TRUE(why.starts_with(beginning)) << why;
  EXPECT_EQ(why.find('\n'), std::string::npos) << why;
}

TEST(BpfRefusal, NamesWhatWasMissing) {
  expect_why({.sys = EPERM, .kernel = "6.1.0"}, "CAP_BPF and CAP_PERFMON are missing: ");
  expect_why({.sys = EPERM, .cap_bpf = true, .kernel = "6.1.0"}, "CAP_PERFMON is missing: ");
  Refusal refusal = permitted(EPERM);
  expect_why(refusal, "the kernel does not permit it, although");
  refusal.seccomp = true;
  expect_why(refusal, "a seccomp filter refuses bpf(2): ");
  refusal.lockdown = true;
  expect_why(refusal, "the kernel is locked down");
  refusal.user_namespace = true;
  expect_why(refusal, "CAP_BPF and CAP_PERFMON are held in a user namespace alone");
  expect_why(permitted(ENOSYS), "there is no bpf(2)");
}

TEST(BpfRefusal, NamesWhatTheKernelLacks) {
  Refusal refusal = permitted(EINVAL);
  refusal.words = "unknown func bpf_loop#181";
  expect_why(refusal, "the kernel refuses the program: Invalid argument (unknown func bpf_loop#181)");
  refusal.btf = false;
  expect_why(refusal, "there is no /sys/kernel/btf/vmlinux: ");
  for (const char* release : {"5.16.20", "5.15.0-91-generic", "4.19.0"}) {
    refusal.kernel = release;
    expect_why(refusal, "Linux " + std::string(release) + " is too old: 5.17 or later is needed");
  }
  for (const char* release : {"5.17.0", "10.1", "odd"}) {
    refusal.kernel = release;
    expect_why(refusal, "there is no ");
  }
}

}  // namespace
}  // namespace vitalsd
