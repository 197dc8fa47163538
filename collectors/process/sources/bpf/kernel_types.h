/* The kernel's types with the fields that the iterator program reads. The loader finds the existence and the offset of
 * each field in the BTF of the running kernel, so only the names matter here, not the order or omitted fields. */
#pragma once

typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef unsigned long long __u64;
typedef signed int __s32;
typedef signed long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;

#define KERNEL_TYPE __attribute__((preserve_access_index))

struct seq_file;
struct pid_namespace;

struct bpf_iter_meta {
  struct seq_file* seq;
} KERNEL_TYPE;

struct bpf_iter__task {
  struct bpf_iter_meta* meta;
  struct task_struct* task;
} KERNEL_TYPE;

struct list_head {
  struct list_head* next;
} KERNEL_TYPE;

struct upid {
  int nr;
} KERNEL_TYPE;

struct pid {
  unsigned int level;
  struct upid numbers[1];
} KERNEL_TYPE;

struct cred {
  struct {
    __u32 val;
  } euid;
} KERNEL_TYPE;

struct timespec64 {
  __s64 tv_sec;
  long tv_nsec;
} KERNEL_TYPE;

struct time_namespace {
  struct {
    struct timespec64 boottime;
  } offsets;
} KERNEL_TYPE;

struct nsproxy {
  struct time_namespace* time_ns; /* since 5.6, CONFIG_TIME_NS */
} KERNEL_TYPE;

struct task_io_accounting {
  __u64 read_bytes; /* CONFIG_TASK_IO_ACCOUNTING */
  __u64 write_bytes;
} KERNEL_TYPE;

struct sched_info {
  __u64 run_delay; /* CONFIG_SCHED_INFO */
} KERNEL_TYPE;

struct sched_entity {
  __u64 sum_exec_runtime;
} KERNEL_TYPE;

struct prev_cputime {
  __u64 utime; /* not with CONFIG_VIRT_CPU_ACCOUNTING_NATIVE */
  __u64 stime;
} KERNEL_TYPE;

struct seqcount {
  unsigned int sequence;
} KERNEL_TYPE;

struct seqcount_spinlock {
  struct seqcount seqcount;
} KERNEL_TYPE;

struct rlimit {
  unsigned long rlim_cur;
} KERNEL_TYPE;

struct signal_struct {
  int nr_threads;
  struct list_head thread_head;
  struct {
    struct seqcount_spinlock seqcount;
  } stats_lock;
  __u64 utime, stime, cutime, cstime;
  struct prev_cputime prev_cputime;
  unsigned long nvcsw, nivcsw, min_flt, maj_flt;
  struct task_io_accounting ioac;
  __u64 sum_sched_runtime;
  struct rlimit rlim[16];
} KERNEL_TYPE;

struct percpu_counter {
  __s64 count;
  __s32* counters; /* CONFIG_SMP */
} KERNEL_TYPE;

struct mm_struct {
  unsigned long total_vm;
  struct percpu_counter rss_stat[4]; /* since 6.2 */
} KERNEL_TYPE;

/* Before 6.2. Three underscores and what follows them are not part of the name. */
struct mm_rss_stat___old {
  struct {
    long counter;
  } count[4];
} KERNEL_TYPE;

struct mm_struct___old {
  struct mm_rss_stat___old rss_stat;
} KERNEL_TYPE;

struct bpf_array {
  void* pptrs[1]; /* for a map that has a value per CPU */
} KERNEL_TYPE;

struct fdtable {
  unsigned int max_fds;
  unsigned long* open_fds;
} KERNEL_TYPE;

struct files_struct {
  struct fdtable* fdt;
  unsigned long open_fds_init[1];
} KERNEL_TYPE;

struct kthread {
  void* data;
  char* full_name; /* since 5.17 */
} KERNEL_TYPE;

struct worker {
  void* current_work;
  void* pool;
  char desc[24];
} KERNEL_TYPE;

struct task_struct {
  unsigned int __state;
  unsigned int flags;
  int on_cpu;
  struct sched_entity se;
  struct sched_info sched_info;
  struct mm_struct* mm;
  int exit_state;
  int pid, tgid;
  struct task_struct* real_parent;
  struct task_struct* group_leader;
  struct pid* thread_pid;
  struct list_head thread_node;
  void* worker_private; /* for a kernel thread: its struct kthread */
  __u64 utime, stime;
  unsigned long nvcsw, nivcsw;
  __u64 start_boottime;
  unsigned long min_flt, maj_flt;
  const struct cred* real_cred;
  char comm[16];
  struct files_struct* files;
  struct nsproxy* nsproxy;
  struct signal_struct* signal;
  __u64 self_exec_id;
  struct task_io_accounting ioac;
} KERNEL_TYPE;
