/* The record that the iterator program writes for each process. Shared by the program (C, for the BPF machine) and its
 * reader (C++), so it has only fixed-width fields in the machine's byte order. Unless noted otherwise, sums are over
 * all threads of the process, including ended ones. Times are in nanoseconds. */
#pragma once

#ifdef __cplusplus
#include <cstdint>
#define VITALSD_U32 std::uint32_t
#define VITALSD_U64 std::uint64_t
#define VITALSD_S64 std::int64_t
#else
#define VITALSD_U32 __u32
#define VITALSD_U64 __u64
#define VITALSD_S64 __s64
#endif

enum {
  kRecordComm = 64,

  /* Bits of ProcessRecord::flags. */
  kRecordIo = 1,      /* the kernel counts I/O (CONFIG_TASK_IO_ACCOUNTING) */
  kRecordDelay = 2,   /* the kernel counts run delay (CONFIG_SCHED_INFO) */
  kRecordMemory = 4,  /* the process has an address space */
  kRecordFds = 8,     /* the number of descriptors is known */
  kRecordScaled = 16, /* the kernel scales user and system time to the run time, see cputime.h */
};

struct ProcessRecord {
  VITALSD_U32 size; /* of this record */
  VITALSD_U32 flags;
  VITALSD_U32 pid; /* pid and ppid are those in the reader's pid namespace */
  VITALSD_U32 ppid;
  VITALSD_U32 uid;
  VITALSD_U32 threads;
  VITALSD_U32 state;      /* TASK_* bits of the first thread */
  VITALSD_U32 exit_state; /* EXIT_* bits of the first thread */
  VITALSD_U32 running;    /* running, sleeping, waiting and zombies count threads */
  VITALSD_U32 sleeping;
  VITALSD_U32 waiting;
  VITALSD_U32 zombies;
  VITALSD_U64 start; /* since boot, in the reader's time namespace */
  VITALSD_U64 exec_id;
  VITALSD_U64 user; /* user and system as the ticks found them */
  VITALSD_U64 system;
  VITALSD_U64 run_time;
  VITALSD_U64 prev_user; /* what the kernel last reported, below which it does not fall */
  VITALSD_U64 prev_system;
  VITALSD_U64 run_delay; /* of living threads only */
  VITALSD_U64 minor_faults;
  VITALSD_U64 major_faults;
  VITALSD_U64 voluntary_switches;
  VITALSD_U64 nonvoluntary_switches;
  VITALSD_U64 read_bytes;
  VITALSD_U64 write_bytes;
  VITALSD_U64 children_user;
  VITALSD_U64 children_system;
  VITALSD_U64 virtual_pages;
  VITALSD_S64 file_pages; /* these four may be negative, since their per-CPU parts are read one after another */
  VITALSD_S64 anon_pages;
  VITALSD_S64 swap_pages;
  VITALSD_S64 shmem_pages;
  VITALSD_U64 fds;
  VITALSD_U64 fd_limit;
  char comm[kRecordComm]; /* NUL-terminated */
};

/* Written instead of a ProcessRecord for a process with one thread that sleeps and has not run since its last record.
 * Most processes do, and finding that out costs a fifth of the memory accesses. */
struct UnchangedRecord {
  VITALSD_U32 size; /* of this record */
  VITALSD_U32 pid;
};

/* Memory that the reader shares with the program. */
struct ProcessControl {
  VITALSD_U32 round; /* number of this pass, from 1 */
  VITALSD_U32 since; /* records of rounds before this one did not all arrive */
};

/* Changes that others make to a sleeping process (reclaim memory, change a limit) are seen once in so many rounds. */
enum { kRefreshRounds = 16 };
