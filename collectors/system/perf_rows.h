// The performance events that collector `perf` counts, with node_exporter's names of profilers and families.
#pragma once

#include <linux/perf_event.h>

#include <array>
#include <string_view>

#include "collectors/kit/joined.h"
#include "collectors/system/perf_events.h"
#include "core/family.h"

namespace vitalsd::perf {

inline constexpr std::array<std::string_view, 1> kCpu = {"cpu"};

struct Profiler {
  std::string_view name;
  PerfKind kind;
  Family family;
};

template <std::uint32_t Type, std::uint64_t Config, Literal Name, Literal Metric, Literal Help>
constexpr Profiler kProfiler{
    joined<Name>, {Type, Config}, {joined<"node_perf_", Metric, "_total">, Kind::counter, joined<Help>, "", kCpu}};
template <std::uint64_t Config, Literal Name, Literal Metric, Literal Help>
constexpr Profiler kHard = kProfiler<PERF_TYPE_HARDWARE, Config, Name, Metric, Help>;
template <std::uint64_t Config, Literal Name, Literal Metric, Literal Help>
constexpr Profiler kSoft = kProfiler<PERF_TYPE_SOFTWARE, Config, Name, Metric, Help>;
// "Hits" of these families are what the kernel calls accesses.
template <std::uint64_t Cache, std::uint64_t Operation, std::uint64_t Outcome, Literal Name, Literal Metric,
          Literal Help>
constexpr Profiler kCached =
    kProfiler<PERF_TYPE_HW_CACHE, Cache | Operation << 8U | Outcome << 16U, Name, Metric, Help>;

inline constexpr std::array kHardware = {
    kHard<PERF_COUNT_HW_CPU_CYCLES, "CpuCycles", "cpucycles", "Number of CPU cycles (frequency scaled)">,
    kHard<PERF_COUNT_HW_INSTRUCTIONS, "CpuInstr", "instructions", "Number of CPU instructions">,
    kHard<PERF_COUNT_HW_BRANCH_INSTRUCTIONS, "BranchInstr", "branch_instructions", "Number of CPU branch instructions">,
    kHard<PERF_COUNT_HW_BRANCH_MISSES, "BranchMisses", "branch_misses", "Number of CPU branch misses">,
    kHard<PERF_COUNT_HW_CACHE_REFERENCES, "CacheRef", "cache_refs",
          "Number of cache references (non frequency scaled)">,
    kHard<PERF_COUNT_HW_CACHE_MISSES, "CacheMisses", "cache_misses", "Number of cache misses">,
    kHard<PERF_COUNT_HW_REF_CPU_CYCLES, "RefCpuCycles", "ref_cpucycles", "Number of CPU cycles">,
    kHard<PERF_COUNT_HW_STALLED_CYCLES_BACKEND, "StalledCyclesBackend", "stalled_cycles_backend",
          "Number of stalled backend CPU cycles">,
    kHard<PERF_COUNT_HW_STALLED_CYCLES_FRONTEND, "StalledCyclesFrontend", "stalled_cycles_frontend",
          "Number of stalled frontend CPU cycles">,
};
inline constexpr std::array kSoftware = {
    kSoft<PERF_COUNT_SW_PAGE_FAULTS, "PageFault", "page_faults", "Number of page faults">,
    kSoft<PERF_COUNT_SW_CONTEXT_SWITCHES, "ContextSwitch", "context_switches", "Number of context switches">,
    kSoft<PERF_COUNT_SW_CPU_MIGRATIONS, "CpuMigration", "cpu_migrations", "Number of CPU process migrations">,
    kSoft<PERF_COUNT_SW_PAGE_FAULTS_MIN, "MinorFault", "minor_faults", "Number of minor page faults">,
    kSoft<PERF_COUNT_SW_PAGE_FAULTS_MAJ, "MajorFault", "major_faults", "Number of major page faults">,
};
inline constexpr std::uint64_t kRead = PERF_COUNT_HW_CACHE_OP_READ, kWrite = PERF_COUNT_HW_CACHE_OP_WRITE,
                               kHit = PERF_COUNT_HW_CACHE_RESULT_ACCESS, kMiss = PERF_COUNT_HW_CACHE_RESULT_MISS;
inline constexpr std::array kCache = {
    kCached<PERF_COUNT_HW_CACHE_L1D, kRead, kHit, "L1DataReadHit", "cache_l1d_read_hits",
            "Number L1 data cache read hits">,
    kCached<PERF_COUNT_HW_CACHE_L1D, kRead, kMiss, "L1DataReadMiss", "cache_l1d_read_misses",
            "Number L1 data cache read misses">,
    kCached<PERF_COUNT_HW_CACHE_L1D, kWrite, kHit, "L1DataWriteHit", "cache_l1d_write_hits",
            "Number L1 data cache write hits">,
    kCached<PERF_COUNT_HW_CACHE_L1I, kRead, kMiss, "L1InstrReadMiss", "cache_l1_instr_read_misses",
            "Number instruction L1 instruction read misses">,
    kCached<PERF_COUNT_HW_CACHE_ITLB, kRead, kHit, "InstrTLBReadHit", "cache_tlb_instr_read_hits",
            "Number instruction TLB read hits">,
    kCached<PERF_COUNT_HW_CACHE_ITLB, kRead, kMiss, "InstrTLBReadMiss", "cache_tlb_instr_read_misses",
            "Number instruction TLB read misses">,
    kCached<PERF_COUNT_HW_CACHE_DTLB, kRead, kHit, "DataTLBReadHit", "cache_tlb_data_read_hits",
            "Number of data TLB read hits">,
    kCached<PERF_COUNT_HW_CACHE_DTLB, kRead, kMiss, "DataTLBReadMiss", "cache_tlb_data_read_misses",
            "Number of data TLB read misses">,
    kCached<PERF_COUNT_HW_CACHE_DTLB, kWrite, kHit, "DataTLBWriteHit", "cache_tlb_data_write_hits",
            "Number of data TLB write hits">,
    kCached<PERF_COUNT_HW_CACHE_DTLB, kWrite, kMiss, "DataTLBWriteMiss", "cache_tlb_data_write_misses",
            "Number of data TLB write misses">,
    kCached<PERF_COUNT_HW_CACHE_LL, kRead, kHit, "LLReadHit", "cache_ll_read_hits", "Number last level read hits">,
    kCached<PERF_COUNT_HW_CACHE_LL, kRead, kMiss, "LLReadMiss", "cache_ll_read_misses",
            "Number last level read misses">,
    kCached<PERF_COUNT_HW_CACHE_LL, kWrite, kHit, "LLWriteHit", "cache_ll_write_hits", "Number last level write hits">,
    kCached<PERF_COUNT_HW_CACHE_LL, kWrite, kMiss, "LLWriteMiss", "cache_ll_write_misses",
            "Number last level write misses">,
    kCached<PERF_COUNT_HW_CACHE_BPU, kRead, kHit, "BPUReadHit", "cache_bpu_read_hits", "Number BPU read hits">,
    kCached<PERF_COUNT_HW_CACHE_BPU, kRead, kMiss, "BPUReadMiss", "cache_bpu_read_misses", "Number BPU read misses">,
};

}  // namespace vitalsd::perf
