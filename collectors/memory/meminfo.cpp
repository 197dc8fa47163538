#include <algorithm>
#include <array>

#include "collectors/kit/field_families.h"
#include "collectors/kit/joined.h"
#include "core/collector.h"
#include "core/named_families.h"

namespace vitalsd {
namespace {

template <Literal Name, Literal Word>
constexpr KnownField kCount{
    joined<Name>, {joined<"node_memory_", Word>, Kind::gauge, joined<"Memory information field ", Word, ".">}};
template <Literal Name, Literal Word = Name>
constexpr KnownField kBytes{joined<Name>,
                            {joined<"node_memory_", Word, "_bytes">, Kind::gauge,
                             joined<"Memory information field ", Word, "_bytes.">, "bytes"}};

// proc_meminfo(5) and fs/proc/meminfo.c, by name.
constexpr std::array kKnown = {
    kBytes<"Active">,
    kBytes<"Active(anon)", "Active_anon">,
    kBytes<"Active(file)", "Active_file">,
    kBytes<"AnonHugePages">,
    kBytes<"AnonPages">,
    kBytes<"Balloon">,
    kBytes<"Bounce">,
    kBytes<"Buffers">,
    kBytes<"Cached">,
    kBytes<"CmaFree">,
    kBytes<"CmaTotal">,
    kBytes<"CommitLimit">,
    kBytes<"Committed_AS">,
    kBytes<"DirectMap1G">,
    kBytes<"DirectMap2M">,
    kBytes<"DirectMap4M">,
    kBytes<"DirectMap4k">,
    kBytes<"Dirty">,
    kBytes<"FileHugePages">,
    kBytes<"FilePmdMapped">,
    kBytes<"HardwareCorrupted">,
    kCount<"HugePages_Free", "HugePages_Free">,
    kCount<"HugePages_Rsvd", "HugePages_Rsvd">,
    kCount<"HugePages_Surp", "HugePages_Surp">,
    kCount<"HugePages_Total", "HugePages_Total">,
    kBytes<"Hugepagesize">,
    kBytes<"Hugetlb">,
    kBytes<"Inactive">,
    kBytes<"Inactive(anon)", "Inactive_anon">,
    kBytes<"Inactive(file)", "Inactive_file">,
    kBytes<"KReclaimable">,
    kBytes<"KernelStack">,
    kBytes<"Mapped">,
    kBytes<"MemAvailable">,
    kBytes<"MemFree">,
    kBytes<"MemTotal">,
    kBytes<"Mlocked">,
    kBytes<"NFS_Unstable">,
    kBytes<"PageTables">,
    kBytes<"Percpu">,
    kBytes<"SReclaimable">,
    kBytes<"SUnreclaim">,
    kBytes<"SecPageTables">,
    kBytes<"Shmem">,
    kBytes<"ShmemHugePages">,
    kBytes<"ShmemPmdMapped">,
    kBytes<"Slab">,
    kBytes<"SwapCached">,
    kBytes<"SwapFree">,
    kBytes<"SwapTotal">,
    kBytes<"Unaccepted">,
    kBytes<"Unevictable">,
    kBytes<"VmallocChunk">,
    kBytes<"VmallocTotal">,
    kBytes<"VmallocUsed">,
    kBytes<"Writeback">,
    kBytes<"WritebackTmp">,
    kBytes<"Zswap">,
    kBytes<"Zswapped">,
};
static_assert(std::ranges::is_sorted(kKnown, {}, &KnownField::name));
constexpr auto kFamilies = families_of(kKnown);
constexpr auto kRemembered = families_named(
    kFamilies, {"node_memory_MemTotal_bytes", "node_memory_MemFree_bytes", "node_memory_MemAvailable_bytes",
                "node_memory_Buffers_bytes", "node_memory_Cached_bytes", "node_memory_Dirty_bytes",
                "node_memory_SwapTotal_bytes", "node_memory_SwapFree_bytes"});

class MeminfoCollector final : public Collector {
 public:
  Result<void> collect(CollectContext& context, Sink& sink) override {
    const auto text = context.host.procfs->read("meminfo", context.buffer, Keep::yes);
    if (!text) return fail(text.error());
    if (const auto parsed = meminfo::parse(*text, fields_, context.faults); !parsed) return parsed;
    families_.publish(fields_, sink);
    return {};
  }

 private:
  std::vector<Field> fields_;
  FieldFamilies families_{kKnown, {.prefix = "node_memory_", .help_before = "Memory information field "}};
};

const Registration kRegistration{{.name = "meminfo",
                                  .help = "Memory statistics from /proc/meminfo.",
                                  .families = kFamilies,
                                  .remembered = kRemembered,
                                  .never_waits = true,
                                  .make = make_collector<MeminfoCollector>}};

}  // namespace
}  // namespace vitalsd
