/* The record that the iterator program writes for each process. Shared by the program (C, for the BPF machine) and its
 * reader (C++): fixed-width fields only, in the byte order of the machine. Sums are over the threads of the process,
 * ended ones included, unless said otherwise; times in nanoseconds. */
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

  /* What the flags tell. */
  kRecordIo = 1,      /* the kernel counts it (CONFIG_TASK_IO_ACCOUNTING) */
  kRecordDelay = 2,   /* the kernel counts it (CONFIG_SCHED_INFO) */
  kRecordMemory = 4,  /* there is an address space */
  kRecordFds = 8,     /* the number of descriptors is known */
  kRecordScaled = 16, /* the kernel scales user and system time to the run time: see cputime.h */
};

struct ProcessRecord {
  VITALSD_U32 size; /* of this record */
  VITALSD_U32 flags;
  VITALSD_U32 pid; /* this and the next in the pid namespace of the reader */
  VITALSD_U32 ppid;
  VITALSD_U32 uid;
  VITALSD_U32 threads;
  VITALSD_U32 state;      /* TASK_* bits of the first thread */
  VITALSD_U32 exit_state; /* EXIT_* bits of the first thread */
  VITALSD_U32 running;    /* how many threads are in this and the next three states */
  VITALSD_U32 sleeping;
  VITALSD_U32 waiting;
  VITALSD_U32 zombies;
  VITALSD_U64 start; /* since boot, in the time namespace of the reader */
  VITALSD_U64 exec_id;
  VITALSD_U64 user; /* as ticks found it; the next two also */
  VITALSD_U64 system;
  VITALSD_U64 run_time;
  VITALSD_U64 told_user; /* what the kernel told last, and will not go below */
  VITALSD_U64 told_system;
  VITALSD_U64 run_delay; /* of living threads alone */
  VITALSD_U64 minor_faults;
  VITALSD_U64 major_faults;
  VITALSD_U64 voluntary_switches;
  VITALSD_U64 nonvoluntary_switches;
  VITALSD_U64 read_bytes;
  VITALSD_U64 write_bytes;
  VITALSD_U64 children_user;
  VITALSD_U64 children_system;
  VITALSD_U64 virtual_pages;
  VITALSD_S64 file_pages; /* this and the next three are below 0 at times: their parts are read one after another */
  VITALSD_S64 anon_pages;
  VITALSD_S64 swap_pages;
  VITALSD_S64 shmem_pages;
  VITALSD_U64 fds;
  VITALSD_U64 fd_limit;
  char comm[kRecordComm]; /* ends with NUL */
};

/* Instead of a ProcessRecord: a process of one thread that sleeps and has not run since the one that was written last.
 * Most are, and to find that out costs a fifth of the memory accesses. */
struct UnchangedRecord {
  VITALSD_U32 size; /* of this record */
  VITALSD_U32 pid;
};

/* Memory that the reader shares with the program. */
struct ProcessControl {
  VITALSD_U32 round; /* of this pass, from 1 */
  VITALSD_U32 since; /* what was written in rounds before this one did not all arrive */
};

/* What others may do to a process that sleeps (take its memory, change a limit) is seen once in so many rounds. */
enum { kRefreshRounds = 16 };
