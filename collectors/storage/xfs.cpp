// Collector `xfs`: operations of each mounted XFS file system (/sys/fs/xfs/DEVICE/stats/stats, fs/xfs/xfs_stats.c): a
// word and its numbers on each line.
#include <algorithm>
#include <array>
#include <string>

#include "collectors/kit/attributes.h"
#include "collectors/kit/joined.h"
#include "core/lines.h"

namespace vitalsd {
namespace {

constexpr std::string_view kRoot = "fs/xfs";
constexpr std::size_t kMostVolumes = 4096;
constexpr std::size_t kMostNumbers = 8;  // of a line that is reported
constexpr std::array<std::string_view, 1> kDevice = {"device"};

struct Counter {
  std::string_view line;
  std::size_t place;  // of its number in the line
  Family family;
};
template <Literal Line, std::size_t Place, Literal Name, Literal Help>
constexpr Counter kCounter{
    joined<Line>, Place, {joined<"node_xfs_", Name, "_total">, Kind::counter, joined<Help>, "", kDevice}};

constexpr std::array kCounters = {
    kCounter<"extent_alloc", 0, "extent_allocation_extents_allocated", "Number of extents allocated for a filesystem.">,
    kCounter<"extent_alloc", 1, "extent_allocation_blocks_allocated", "Number of blocks allocated for a filesystem.">,
    kCounter<"extent_alloc", 2, "extent_allocation_extents_freed", "Number of extents freed for a filesystem.">,
    kCounter<"extent_alloc", 3, "extent_allocation_blocks_freed", "Number of blocks freed for a filesystem.">,
    kCounter<"abt", 0, "allocation_btree_lookups", "Number of allocation B-tree lookups for a filesystem.">,
    kCounter<"abt", 1, "allocation_btree_compares", "Number of allocation B-tree compares for a filesystem.">,
    kCounter<"abt", 2, "allocation_btree_records_inserted",
             "Number of allocation B-tree records inserted for a filesystem.">,
    kCounter<"abt", 3, "allocation_btree_records_deleted",
             "Number of allocation B-tree records deleted for a filesystem.">,
    kCounter<"blk_map", 0, "block_mapping_reads", "Number of block map for read operations for a filesystem.">,
    kCounter<"blk_map", 1, "block_mapping_writes", "Number of block map for write operations for a filesystem.">,
    kCounter<"blk_map", 2, "block_mapping_unmaps", "Number of block unmaps (deletes) for a filesystem.">,
    kCounter<"blk_map", 3, "block_mapping_extent_list_insertions",
             "Number of extent list insertions for a filesystem.">,
    kCounter<"blk_map", 4, "block_mapping_extent_list_deletions", "Number of extent list deletions for a filesystem.">,
    kCounter<"blk_map", 5, "block_mapping_extent_list_lookups", "Number of extent list lookups for a filesystem.">,
    kCounter<"blk_map", 6, "block_mapping_extent_list_compares", "Number of extent list compares for a filesystem.">,
    kCounter<"bmbt", 0, "block_map_btree_lookups", "Number of block map B-tree lookups for a filesystem.">,
    kCounter<"bmbt", 1, "block_map_btree_compares", "Number of block map B-tree compares for a filesystem.">,
    kCounter<"bmbt", 2, "block_map_btree_records_inserted",
             "Number of block map B-tree records inserted for a filesystem.">,
    kCounter<"bmbt", 3, "block_map_btree_records_deleted",
             "Number of block map B-tree records deleted for a filesystem.">,
    kCounter<"dir", 0, "directory_operation_lookup",
             "Number of file name directory lookups which miss the operating systems directory name lookup cache.">,
    kCounter<"dir", 1, "directory_operation_create",
             "Number of times a new directory entry was created for a filesystem.">,
    kCounter<"dir", 2, "directory_operation_remove",
             "Number of times an existing directory entry was created for a filesystem.">,
    kCounter<"dir", 3, "directory_operation_getdents",
             "Number of times the directory getdents operation was performed for a filesystem.">,
    kCounter<"ig", 0, "inode_operation_attempts", "Number of times the OS looked for an XFS inode in the inode cache.">,
    kCounter<"ig", 1, "inode_operation_found",
             "Number of times the OS looked for and found an XFS inode in the inode cache.">,
    kCounter<"ig", 2, "inode_operation_recycled",
             "Number of times the OS found an XFS inode in the cache, but could not use it as it was being recycled.">,
    kCounter<"ig", 3, "inode_operation_missed",
             "Number of times the OS looked for an XFS inode in the cache, but did not find it.">,
    kCounter<
        "ig", 4, "inode_operation_duplicates",
        "Number of times the OS tried to add a missing XFS inode to the inode cache, but found it had already been "
        "added by another process.">,
    kCounter<"ig", 5, "inode_operation_reclaims",
             "Number of times the OS reclaimed an XFS inode from the inode cache to free memory for another purpose.">,
    kCounter<"ig", 6, "inode_operation_attribute_changes",
             "Number of times the OS explicitly changed the attributes of an XFS inode.">,
    // The kernel writes the calls of write(2) first.
    kCounter<"rw", 0, "write_calls", "Number of write(2) system calls made to files in a filesystem.">,
    kCounter<"rw", 1, "read_calls", "Number of read(2) system calls made to files in a filesystem.">,
    kCounter<"vnodes", 0, "vnode_active", "Number of vnodes not on free lists for a filesystem.">,
    kCounter<"vnodes", 1, "vnode_allocate", "Number of times vn_alloc called for a filesystem.">,
    kCounter<"vnodes", 2, "vnode_get", "Number of times vn_get called for a filesystem.">,
    kCounter<"vnodes", 3, "vnode_hold", "Number of times vn_hold called for a filesystem.">,
    kCounter<"vnodes", 4, "vnode_release", "Number of times vn_rele called for a filesystem.">,
    kCounter<"vnodes", 5, "vnode_reclaim", "Number of times vn_reclaim called for a filesystem.">,
    kCounter<"vnodes", 6, "vnode_remove", "Number of times vn_remove called for a filesystem.">,
};
constexpr auto kFamilies = family_list<family_total(kCounters)>(kCounters);

// How many numbers a line has to have; 0: it is not reported.
std::size_t numbers_of(std::string_view line) {
  std::size_t needed = 0;
  for (const Counter& counter : kCounters) {
    if (counter.line == line) needed = std::max(needed, counter.place + 1);
  }
  return needed;
}

class XfsCollector final : public Collector {
 public:
  Result<void> collect(CollectContext& context, Sink& sink) override {
    const FileSource& sysfs = *context.host.sysfs;
    if (const auto listed = sysfs.directories(kRoot, volumes_); !listed) return listed;
    for (std::size_t i = 0; i < volumes_.size() && i < kMostVolumes; ++i) {
      path_.assign(kRoot).append("/").append(volumes_[i]);
      const auto text = read_attribute(sysfs, path_, "stats/stats", context);
      if (text) add_volume(volumes_[i], *text, context, sink);
    }
    return {};
  }

 private:
  static void add_volume(std::string_view volume, std::string_view text, CollectContext& context, Sink& sink) {
    const LabelId labels = sink.labels(kDevice, std::array{volume});
    Lines lines(text, "xfs", context.faults);
    while (lines.next()) {
      const std::string_view word = lines->word();
      const std::size_t needed = numbers_of(word);
      if (needed == 0) {
        lines.skip();
        continue;
      }
      std::array<double, kMostNumbers> numbers{};
      for (std::size_t i = 0; i < needed; ++i) numbers[i] = static_cast<double>(lines->integer());
      if (!lines.keep(word)) continue;
      for (const Counter& counter : kCounters) {
        if (counter.line == word) sink.add(counter.family, labels, numbers[counter.place]);
      }
    }
  }

  Names volumes_;
  std::string path_;
};

const Registration kRegistration{{.name = "xfs",
                                  .help = "Operations of XFS file systems.",
                                  .families = kFamilies,
                                  .make = make_collector<XfsCollector>}};

}  // namespace
}  // namespace vitalsd
