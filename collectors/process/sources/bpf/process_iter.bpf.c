// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* The kernel runs this for each task while user space reads the iterator. It writes one record per process. It runs in
 * an RCU read section, so objects that the kernel frees by RCU (tasks, signal_struct, pids, credentials, tables of
 * descriptors) stay valid. Address spaces and files_structs are freed differently: their owner's pointer is read again
 * afterwards, and the result counts only if it has not changed. No read can fault the kernel. */
#include "kernel_types.h" /* first: the next two need its types */

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "record.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* From include/linux/sched.h, uapi/asm-generic/resource.h, linux/mm_types_task.h. */
enum { PF_WQ_WORKER = 0x20, PF_KTHREAD = 0x00200000, RLIMIT_NOFILE = 7 };
enum { BPF_MAP_TYPE_PERCPU_ARRAY = 6 };
enum {
  TASK_INTERRUPTIBLE = 1,
  TASK_UNINTERRUPTIBLE = 2,
  EXIT_ZOMBIE = 0x20,
  TASK_REPORT = 0x7f,
  TASK_IDLE = 0x402,
  TASK_RTLOCK_WAIT = 0x1000,
  TASK_FROZEN = 0x8000,
};
enum { MM_FILEPAGES, MM_ANONPAGES, MM_SWAPENTS, MM_SHMEMPAGES, NR_MM_COUNTERS };

enum {
  MAX_CPUS = 2048, /* on larger machines memory is left out */
  MAX_THREADS = 1 << 22,
  MAX_FDS = 1 << 22, /* counting a larger table would take too long while RCU waits */
  BITS = 64,
  CHUNK = 4,
  WORKER_DESC = 32, /* at most */
};

/* The kernel keeps per-CPU data at a base address plus a shift for each CPU. The shifts are not accessible
 * (__per_cpu_offset has no BTF, and kallsyms may lack all data), but a map with a value per CPU has both the base
 * address and the address for each CPU. */
struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, __u64);
} each_cpu SEC(".maps");

/* What was last written for a process, and when. Two processes that share an entry are written in full each time. */
struct Seen {
  __u64 task; /* address */
  __u64 run_time;
  __u32 round;
};
enum { SEEN = 1 << 15 };
struct Seen seen[SEEN];

volatile struct ProcessControl control SEC(".data.control");

__u64 shifts[MAX_CPUS];
__u32 cpus = 0; /* number of known shifts */

/* All data on the stack, which has only 512 bytes, in one object. */
struct Walk {
  struct ProcessRecord record;
  __u32 task_flags;
  __u64 node;   /* in the list of threads */
  __u64 head;   /* end of the list */
  __u64 leader; /* its own counts are included already */
  __u64 from;   /* start of the kernel array that is being summed */
  __u64 left;
  const void* pointer;
};

#define READ_AT(to, base, type, field) \
  bpf_probe_read_kernel(&(to), sizeof(to), (void*)((base) + bpf_core_field_offset(type, field)))

/* All earlier loads happen before all later ones, even on machines that reorder them. */
static __always_inline void fence(void) {
  __u64 word = 0;
  word = __sync_fetch_and_add(&word, 1);
  asm volatile("" : : "r"(word) : "memory");
}

/* Must agree with state_letter() in the reader. States that are not counted here are the rest of the threads. */
static __always_inline void count_state(struct ProcessRecord* record, __u32 state, __u32 exit_state) {
  const __u32 reported = (state | exit_state) & TASK_REPORT;
  if ((state & (TASK_RTLOCK_WAIT | TASK_FROZEN)) != 0) {
    ++record->waiting;
  } else if ((state & TASK_IDLE) == TASK_IDLE) {
    return;
  } else if (reported == 0) {
    ++record->running;
  } else if (reported == TASK_INTERRUPTIBLE) {
    ++record->sleeping;
  } else if (reported < 2 * TASK_UNINTERRUPTIBLE) {
    ++record->waiting;
  } else if (reported >= EXIT_ZOMBIE && reported < 2 * EXIT_ZOMBIE) {
    ++record->zombies;
  }
}

static long add_thread(__u32 unused, void* context) {
  struct Walk* walk = context;
  struct ProcessRecord* record = &walk->record;
  const __u64 node = walk->node;
  if (node == walk->head || node == 0) return 1;
  if (bpf_probe_read_kernel(&walk->node, sizeof(walk->node),
                            (void*)(node + bpf_core_field_offset(struct list_head, next))) != 0) {
    return 1;
  }
  const __u64 task = node - bpf_core_field_offset(struct task_struct, thread_node);
  if (task == walk->leader) return 0;
  __u64 value = 0;
  unsigned long word = 0;
  unsigned int state = 0;
  int exit_state = 0;
  READ_AT(state, task, struct task_struct, __state);
  READ_AT(exit_state, task, struct task_struct, exit_state);
  count_state(record, state, exit_state);
#define ADD(to, variable, field) \
  if (READ_AT(variable, task, struct task_struct, field) == 0) record->to += variable
  ADD(user, value, utime);
  ADD(system, value, stime);
  ADD(run_time, value, se.sum_exec_runtime);
  ADD(minor_faults, word, min_flt);
  ADD(major_faults, word, maj_flt);
  ADD(voluntary_switches, word, nvcsw);
  ADD(nonvoluntary_switches, word, nivcsw);
  if (bpf_core_field_exists(struct task_struct, sched_info.run_delay)) {
    ADD(run_delay, value, sched_info.run_delay);
  }
  if (bpf_core_field_exists(struct task_struct, ioac.read_bytes)) {
    ADD(read_bytes, value, ioac.read_bytes);
    ADD(write_bytes, value, ioac.write_bytes);
  }
#undef ADD
  return 0;
}

/* Sums what ended threads left and what each living thread has. */
static __always_inline void sum_once(struct Walk* walk, struct task_struct* task, struct signal_struct* signal) {
  struct ProcessRecord* record = &walk->record;
  record->threads = signal->nr_threads;
  record->running = record->sleeping = record->waiting = record->zombies = 0;
  count_state(record, record->state, record->exit_state);
  record->user = signal->utime + task->utime;
  record->system = signal->stime + task->stime;
  record->run_time = signal->sum_sched_runtime + task->se.sum_exec_runtime;
  record->minor_faults = signal->min_flt + task->min_flt;
  record->major_faults = signal->maj_flt + task->maj_flt;
  record->voluntary_switches = signal->nvcsw + task->nvcsw;
  record->nonvoluntary_switches = signal->nivcsw + task->nivcsw;
  if (bpf_core_field_exists(task->sched_info.run_delay)) record->run_delay = task->sched_info.run_delay;
  if (bpf_core_field_exists(task->ioac.read_bytes)) {
    record->read_bytes = signal->ioac.read_bytes + task->ioac.read_bytes;
    record->write_bytes = signal->ioac.write_bytes + task->ioac.write_bytes;
  }
  if (record->threads > 1) {
    walk->head = (__u64)signal + bpf_core_field_offset(struct signal_struct, thread_head);
    walk->node = (__u64)signal->thread_head.next;
    walk->leader = (__u64)task;
    bpf_loop(MAX_THREADS, add_thread, walk, 0);
  }
}

/* Returns 0 if a thread ended meanwhile: its counts move from the list to the sums in one step under stats_lock. */
static __always_inline int sum_threads_undisturbed(struct Walk* walk, struct task_struct* task,
                                                   struct signal_struct* signal) {
  const unsigned int before = signal->stats_lock.seqcount.seqcount.sequence;
  barrier();
  if (signal->nr_threads > 1) fence(); /* two fences cost a tenth of a whole process */
  sum_once(walk, task, signal);
  if (walk->record.threads > 1) fence();
  barrier();
  return (before & 1) == 0 && before == signal->stats_lock.seqcount.seqcount.sequence;
}

/* If threads end all the time, the last pass is used. It can only lack something, and the reader lets no count fall.
 * Not a loop, because the verifier before about 6.2 accepts none around a bpf_loop(). */
static __always_inline void sum_threads(struct Walk* walk, struct task_struct* task, struct signal_struct* signal) {
  if (sum_threads_undisturbed(walk, task, signal)) return;
  if (sum_threads_undisturbed(walk, task, signal)) return;
  sum_threads_undisturbed(walk, task, signal);
}

static long find_shift(__u32 cpu, void* context) {
  struct Walk* walk = context;
  const __u32 zero = 0;
  const void* own = bpf_map_lookup_percpu_elem(&each_cpu, &zero, cpu);
  if (!own) return 1;
  walk->node = cpu + 1;
  if (cpu >= MAX_CPUS) return 1;
  /* Storing and reading it back turns an address into a number that allows arithmetic. */
  walk->pointer = own;
  bpf_probe_read_kernel(&walk->left, sizeof(walk->left), &walk->pointer);
  shifts[cpu] = walk->left - walk->from;
  walk->pointer = 0;
  return 0;
}

static __always_inline void find_shifts(struct Walk* walk) {
  __u64 map = 0;
  walk->pointer = &each_cpu;
  bpf_probe_read_kernel(&map, sizeof(map), &walk->pointer);
  walk->pointer = 0;
  if (bpf_probe_read_kernel(&walk->from, sizeof(walk->from),
                            (void*)(map + bpf_core_field_offset(struct bpf_array, pptrs))) != 0)
    return;
  walk->node = 0;
  bpf_loop(MAX_CPUS + 1, find_shift, walk, 0);
  cpus = walk->node;
}

static long add_cpu(__u32 cpu, void* context) {
  struct Walk* walk = context;
  struct ProcessRecord* record = &walk->record;
  __s32 part[NR_MM_COUNTERS] = {};
  if (cpu >= MAX_CPUS) return 1;
  bpf_probe_read_kernel(part, sizeof(part), (void*)(walk->from + shifts[cpu]));
  record->file_pages += part[MM_FILEPAGES];
  record->anon_pages += part[MM_ANONPAGES];
  record->swap_pages += part[MM_SWAPENTS];
  record->shmem_pages += part[MM_SHMEMPAGES];
  return 0;
}

static long add_cpu_apart(__u32 cpu, void* context) {
  struct Walk* walk = context;
  __s32 part = 0;
  if (cpu >= MAX_CPUS) return 1;
  bpf_probe_read_kernel(&part, sizeof(part), (void*)(walk->from + shifts[cpu]));
  walk->left += part;
  return 0;
}

/* The counters of one kind where each was allocated separately (6.2 to 6.5). */
static __always_inline __s64 sum_apart(struct Walk* walk, const void* counters) {
  walk->from = (__u64)counters;
  walk->left = 0;
  bpf_loop(cpus, add_cpu_apart, walk, 0);
  return walk->left;
}

/* Returns 0 if the sizes cannot be determined. */
static __always_inline int read_resident(struct Walk* walk, struct mm_struct* mm) {
  struct ProcessRecord* record = &walk->record;
  if (bpf_core_field_exists(mm->rss_stat[0].count)) {
    record->file_pages = mm->rss_stat[MM_FILEPAGES].count;
    record->anon_pages = mm->rss_stat[MM_ANONPAGES].count;
    record->swap_pages = mm->rss_stat[MM_SWAPENTS].count;
    record->shmem_pages = mm->rss_stat[MM_SHMEMPAGES].count;
    if (!bpf_core_field_exists(mm->rss_stat[0].counters)) return 1;
    if (cpus == 0) find_shifts(walk);
    if (cpus == 0 || cpus > MAX_CPUS) return 0;
    const __u64 first = (__u64)mm->rss_stat[0].counters;
    if ((__u64)mm->rss_stat[1].counters == first + sizeof(__s32) &&
        (__u64)mm->rss_stat[2].counters == first + 2 * sizeof(__s32) &&
        (__u64)mm->rss_stat[3].counters == first + 3 * sizeof(__s32)) {
      walk->from = first;
      bpf_loop(cpus, add_cpu, walk, 0);
    } else {
      record->file_pages += sum_apart(walk, mm->rss_stat[MM_FILEPAGES].counters);
      record->anon_pages += sum_apart(walk, mm->rss_stat[MM_ANONPAGES].counters);
      record->swap_pages += sum_apart(walk, mm->rss_stat[MM_SWAPENTS].counters);
      record->shmem_pages += sum_apart(walk, mm->rss_stat[MM_SHMEMPAGES].counters);
    }
  } else {
    long counts[NR_MM_COUNTERS] = {};
    const __u64 at = (__u64)mm + bpf_core_field_offset(struct mm_struct___old, rss_stat.count);
    if (bpf_probe_read_kernel(counts, sizeof(counts), (void*)at) != 0) return 0;
    record->file_pages = counts[MM_FILEPAGES];
    record->anon_pages = counts[MM_ANONPAGES];
    record->swap_pages = counts[MM_SWAPENTS];
    record->shmem_pages = counts[MM_SHMEMPAGES];
  }
  return 1;
}

static __always_inline void read_memory(struct Walk* walk, struct task_struct* task) {
  struct ProcessRecord* record = &walk->record;
  if (walk->task_flags & PF_KTHREAD) return; /* it may have borrowed one */
  struct mm_struct* mm = task->mm;
  if (!mm) return;
  record->virtual_pages = mm->total_vm;
  if (!read_resident(walk, mm)) return;
  barrier();
  if (task->mm == mm) record->flags |= kRecordMemory;
}

static long add_bits(__u32 unused, void* context) {
  struct Walk* walk = context;
  unsigned long words[CHUNK] = {};
  __u64 now = walk->left < CHUNK ? walk->left : CHUNK;
  if (now == 0) return 1;
  barrier_var(now);
  if (now > CHUNK) return 1;
  if (bpf_probe_read_kernel(words, now * sizeof(words[0]), (void*)walk->from) != 0) return 1;
  for (int i = 0; i < CHUNK; ++i) walk->record.fds += __builtin_popcountl(words[i]);
  walk->left -= now;
  walk->from += sizeof(words);
  return 0;
}

static __always_inline void read_fds(struct Walk* walk, struct task_struct* task) {
  struct ProcessRecord* record = &walk->record;
  struct files_struct* files = task->files;
  if (!files) {
    /* An ended process has none. One whose first thread ended may have some, which only its other threads know. */
    if (record->threads <= 1) record->flags |= kRecordFds;
    return;
  }
  const struct fdtable* table = files->fdt;
  const unsigned int size = table->max_fds;
  if (size <= BITS) {
    record->fds = __builtin_popcountl(files->open_fds_init[0]);
  } else {
    if (size > MAX_FDS) return;
    walk->left = size / BITS;
    walk->from = (__u64)table->open_fds;
    bpf_loop(MAX_FDS / BITS / CHUNK, add_bits, walk, 0);
    if (walk->left != 0) return;
  }
  barrier();
  if (task->files == files) record->flags |= kRecordFds;
}

/* The pid of a process in the pid namespace `level` levels below the first; 0 if it is not in that namespace. */
static __always_inline __u32 number_at(const struct task_struct* leader, unsigned int level) {
  __u64 pid = 0;
  unsigned int own = 0;
  int number = 0;
  READ_AT(pid, (__u64)leader, struct task_struct, thread_pid);
  if (pid == 0) return 0;
  READ_AT(own, pid, struct pid, level);
  if (level > own) return 0;
  pid += bpf_core_field_offset(struct pid, numbers) + (__u64)level * bpf_core_type_size(struct upid);
  READ_AT(number, pid, struct upid, nr);
  return number;
}

/* Kernel threads have longer names than a task holds. A worker's name includes its work, as in wq_worker_comm(). */
static __always_inline void read_kernel_name(struct Walk* walk, struct task_struct* task) {
  struct ProcessRecord* record = &walk->record;
  const __u64 kthread = (__u64)task->worker_private;
  __u64 text = 0, worker = 0, pool = 0, work = 0;
  if (kthread == 0) return;
  if (bpf_core_field_exists(struct kthread, full_name)) READ_AT(text, kthread, struct kthread, full_name);
  if (text == 0) text = (__u64)task + bpf_core_field_offset(struct task_struct, comm);
  const long size = bpf_probe_read_kernel_str(record->comm, sizeof(record->comm), (void*)text);
  if (!(walk->task_flags & PF_WQ_WORKER)) return;
  READ_AT(worker, kthread, struct kthread, data);
  if (worker == 0) return;
  READ_AT(pool, worker, struct worker, pool);
  if (pool == 0) return;
  READ_AT(work, worker, struct worker, current_work);
  if (size < 1 || size >= WORKER_DESC) return;
  __u64 end = size;
  barrier_var(end);
  end &= WORKER_DESC - 1; /* in the form that the verifier requires */
  const long got = bpf_probe_read_kernel_str(&record->comm[end], WORKER_DESC,
                                             (void*)(worker + bpf_core_field_offset(struct worker, desc)));
  if (got > 1) record->comm[(end - 1) & (WORKER_DESC - 1)] = work ? '+' : '-';
}

static __always_inline void read_identity(struct Walk* walk, struct task_struct* task) {
  struct ProcessRecord* record = &walk->record;
  const struct task_struct* reader = bpf_get_current_task_btf();
  const unsigned int level = reader->thread_pid->level;
  if (level == 0) {
    record->pid = task->tgid;
    record->ppid = task->real_parent->tgid;
  } else {
    record->pid = number_at(task, level);
    record->ppid = number_at(task->real_parent->group_leader, level);
  }
  record->start = task->start_boottime;
  if (bpf_core_field_exists(reader->nsproxy->time_ns)) {
    const struct time_namespace* space = reader->nsproxy->time_ns;
    record->start += space->offsets.boottime.tv_sec * 1000000000LL + space->offsets.boottime.tv_nsec;
  }
  record->exec_id = task->self_exec_id;
  record->uid = task->real_cred->euid.val;
  record->state = task->__state;
  record->exit_state = task->exit_state;
  walk->task_flags = task->flags;
  if (walk->task_flags & PF_KTHREAD) {
    read_kernel_name(walk, task);
  } else {
    bpf_probe_read_kernel_str(record->comm, sizeof(task->comm), &task->comm);
  }
}

/* Whether the only thread sleeps and is not still on its way to sleep. Then nothing that it has used changes until it
 * runs, which its run time shows to the nanosecond. */
static __always_inline int sleeps_alone(const struct task_struct* task, const struct signal_struct* signal) {
  if (task->__state == 0 || signal->nr_threads > 1) return 0;
  return !bpf_core_field_exists(task->on_cpu) || task->on_cpu == 0;
}

/* Returns 1 if a short record sufficed. Its cost is its memory accesses, so it makes as few as possible. */
static __always_inline int write_unchanged(struct seq_file* seq, const struct task_struct* task,
                                           const struct Seen* before) {
  if (before->task != (__u64)task || before->run_time != task->se.sum_exec_runtime) return 0;
  if (before->round < control.since || ((control.round + task->tgid) & (kRefreshRounds - 1)) == 0) return 0;
  if (task->__state == 0) return 0;
  const struct task_struct* reader = bpf_get_current_task_btf();
  const unsigned int level = reader->thread_pid->level;
  struct UnchangedRecord record = {sizeof(record), level == 0 ? (__u32)task->tgid : number_at(task, level)};
  bpf_seq_write(seq, &record, sizeof(record));
  return 1;
}

SEC("iter/task")
int vitalsd_processes(struct bpf_iter__task* context) {
  struct task_struct* task = context->task;
  if (!task || task->pid != task->tgid) return 0;
  struct Seen* place = &seen[task->tgid & (SEEN - 1)];
  if (write_unchanged(context->meta->seq, task, place)) return 0;
  struct signal_struct* signal = task->signal;
  if (!task->thread_pid || !signal) return 0; /* ended since it was found */
  const int sleeps = sleeps_alone(task, signal);
  const __u64 run_time = task->se.sum_exec_runtime;

  struct Walk walk = {};
  struct ProcessRecord* record = &walk.record;
  record->size = sizeof(*record);
  if (bpf_core_field_exists(task->ioac.read_bytes)) record->flags |= kRecordIo;
  if (bpf_core_field_exists(task->sched_info.run_delay)) record->flags |= kRecordDelay;
  read_identity(&walk, task);
  sum_threads(&walk, task, signal);
  barrier();
  if (!task->thread_pid) return 0; /* ended meanwhile, and its counts are in the sums a second time */
  if (bpf_core_field_exists(signal->prev_cputime.utime)) {
    record->flags |= kRecordScaled;
    record->prev_user = signal->prev_cputime.utime;
    record->prev_system = signal->prev_cputime.stime;
  }
  record->children_user = signal->cutime;
  record->children_system = signal->cstime;
  record->fd_limit = signal->rlim[RLIMIT_NOFILE].rlim_cur;
  read_memory(&walk, task);
  read_fds(&walk, task);
  /* If there is no room, the kernel runs this again for the same task with room for it. */
  if (bpf_seq_write(context->meta->seq, record, sizeof(*record)) != 0) return 0;
  if (sleeps && run_time == task->se.sum_exec_runtime) {
    place->task = (__u64)task;
    place->run_time = run_time;
    place->round = control.round;
  }
  return 0;
}
